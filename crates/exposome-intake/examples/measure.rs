//! Reads the documents named on the command line and says what was in them and how fast.
//!
//! `cargo run --release -p exposome-intake --example measure -- [--records] FILE...`

use exposome_intake::{Item, Limits, read};
use exposome_model::reading::{Complaint, Sink};
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

#[derive(Default)]
struct Count {
    items: BTreeMap<&'static str, u64>,
    complaints: Vec<Complaint>,
    show_records: bool,
    shown: Vec<String>,
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
        if self.show_records {
            self.shown.push(format!("{item:?}"));
        }
    }

    fn complain(&mut self, complaint: Complaint) {
        self.complaints.push(complaint);
    }
}

/// Seconds of processor time this program has had, where the system says so.
fn processor_seconds() -> Option<f64> {
    let said = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanoseconds: u64 = said.split(' ').next()?.parse().ok()?;
    Some(std::time::Duration::from_nanos(nanoseconds).as_secs_f64())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    let mut show_records = false;
    for path in std::env::args().skip(1) {
        if path == "--records" {
            show_records = true;
            continue;
        }
        let mut file = std::fs::File::open(&path)?;
        let mut count = Count { show_records, ..Count::default() };
        let before = processor_seconds();
        let start = Instant::now();
        let ended = read(&mut file, &path, &Limits::default(), &mut count);
        let (took, after) = (start.elapsed(), processor_seconds());
        let seconds =
            before.zip(after).map_or_else(|| took.as_secs_f64(), |(before, after)| after - before);
        let complaints = count.complaints.len();
        writeln!(out, "{path}: {:?}, {seconds:.3} CPU-s, {complaints} complaints", count.items)?;
        for complaint in count.complaints.iter().take(5) {
            writeln!(out, "  {complaint}")?;
        }
        if let Err(error) = ended {
            writeln!(out, "  ended: {error}")?;
        }
        for record in &count.shown {
            writeln!(out, "{record}")?;
        }
    }
    Ok(())
}
