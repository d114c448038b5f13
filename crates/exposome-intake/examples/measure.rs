//! Reads the documents named on the command line and says what was in them and how fast.
//!
//! `cargo run --release -p exposome-intake --example measure -- FILE...`

use exposome_intake::{Item, Limits, read};
use exposome_model::reading::{Complaint, Sink};
use std::collections::BTreeMap;
use std::time::Instant;

#[derive(Default)]
struct Count {
    items: BTreeMap<&'static str, u64>,
    complaints: Vec<Complaint>,
}

impl Sink<Item> for Count {
    fn record(&mut self, item: Item) {
        let name = match &item {
            Item::Opened { .. } => "documents",
            Item::Knowledge(_) => "records",
            Item::Epss(table) => {
                *self.items.entry("EPSS rows").or_default() += table.rows.len() as u64;
                "EPSS tables"
            }
            Item::Sheet(_) => "sheets",
            Item::PassedOver { .. } => "passed over",
            _ => "others",
        };
        *self.items.entry(name).or_default() += 1;
    }

    fn complain(&mut self, complaint: Complaint) {
        self.complaints.push(complaint);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    for path in std::env::args().skip(1) {
        use std::io::Write;
        let mut file = std::fs::File::open(&path)?;
        let mut count = Count::default();
        let start = Instant::now();
        let ended = read(&mut file, &path, &Limits::default(), &mut count);
        let took = start.elapsed();
        writeln!(
            out,
            "{path}: {:?} in {took:?}, {} complaints",
            count.items,
            count.complaints.len()
        )?;
        for complaint in count.complaints.iter().take(5) {
            writeln!(out, "  {complaint}")?;
        }
        if let Err(error) = ended {
            writeln!(out, "  ended: {error}")?;
        }
    }
    Ok(())
}
