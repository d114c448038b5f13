//! Hospitals and health systems of any size, for measuring.
//!
//! Densities, stated with every figure: a device or computer of the demo's
//! fleets, in their proportions, each with a number, serial, MAC and IP address of
//! its own and one to four components; a bill of materials draws from
//! [`DISTINCT_COMPONENTS`] by popularity (Zipf, exponent 1.05); a scanner reports fifty
//! findings a host.

use super::sheet::{Sheet, add};
use super::{computers, devices};
use crate::random::Random;

/// How many different components all bills together draw from.
pub const DISTINCT_COMPONENTS: usize = 400_000;

/// How many findings a scanner reports of one host.
pub const FINDINGS_A_HOST: u64 = 50;

const INVENTORY_HEADINGS: &[&str] = &[
    "asset_id",
    "name",
    "manufacturer",
    "model",
    "serial",
    "mac",
    "ip",
    "os",
    "os_version",
    "software",
    "software_version",
    "firmware_version",
    "options",
    "device_class",
    "unit",
    "owner",
];

/// An inventory of the assets numbered `first..first + count`.
pub fn inventory(first: u32, count: u32, seed: u64) -> Vec<u8> {
    let kinds: Vec<Kind> = devices::kinds().chain(computers::kinds()).collect();
    let mut sheet = Sheet::new(INVENTORY_HEADINGS);
    for number in first..first + count {
        let mut random = Random::new(seed ^ u64::from(number));
        let index = usize::try_from(random.below(kinds.len() as u64)).unwrap_or_default();
        if let Some(kind) = kinds.get(index) {
            asset(&mut sheet, kind, number, &mut random);
        }
    }
    sheet.into_bytes()
}

/// What the demo's fleets say of one kind of asset; one entry for each asset of a fleet.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) class: &'static str,
    pub(super) makers: &'static [&'static str],
    pub(super) name: &'static str,
    pub(super) models: &'static [&'static str],
    pub(super) firmware: &'static [&'static str],
    pub(super) systems: &'static [(&'static str, &'static str)],
    pub(super) software: (&'static str, &'static str),
    pub(super) options: &'static [&'static str],
}

fn asset(sheet: &mut Sheet, kind: &Kind, number: u32, random: &mut Random) {
    let (os, os_version) = random.pick(kind.systems);
    let [_, high, middle, low] = number.to_be_bytes();
    sheet.row(&[
        ("asset_id", &format!("A{number:07}")),
        ("name", kind.name),
        ("manufacturer", random.pick(kind.makers)),
        ("model", random.pick(kind.models)),
        ("serial", &format!("S{number:08}")),
        ("mac", &format!("00:80:92:{high:02x}:{middle:02x}:{low:02x}")),
        ("ip", &format!("10.{high}.{middle}.{low}")),
        ("os", os),
        ("os_version", os_version),
        ("software", kind.software.0),
        ("software_version", kind.software.1),
        ("firmware_version", random.pick(kind.firmware)),
        ("options", random.pick(kind.options)),
        ("device_class", kind.class),
        (
            "unit",
            random.pick(&[
                "Intensive care",
                "Surgery",
                "Medicine",
                "Emergency",
                "Radiology",
                "Laboratory",
                "Outpatients",
            ]),
        ),
        ("owner", "Clinical engineering"),
    ]);
}

/// How popular things are: the first the most.
pub struct Popularity {
    sums: Vec<f64>,
}

impl Popularity {
    /// Zipf's law with exponent 1.05.
    pub fn of(things: usize) -> Popularity {
        let mut sum = 0.0;
        let sums = (1..=things).map(|rank| {
            #[expect(clippy::cast_precision_loss, reason = "ranks stay far below 2^52")]
            let weight = (rank as f64).powf(-1.05);
            sum += weight;
            sum
        });
        Popularity { sums: sums.collect() }
    }

    fn pick(&self, random: &mut Random) -> usize {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let share = (random.draw() >> 11) as f64 / (1_u64 << 53) as f64;
        let wanted = share * self.sums.last().copied().unwrap_or_default();
        self.sums.partition_point(|sum| *sum < wanted)
    }
}

/// The bill of materials of a device, in CycloneDX 1.5, with `components` different components.
pub fn bill(number: u64, components: usize, popularity: &Popularity, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed ^ number.wrapping_mul(0x9e37_79b9));
    let mut text = format!(
        "{{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"serialNumber\":\"urn:uuid:00000000-0000-4000-8000-{number:012x}\",\"version\":1,\
         \"metadata\":{{\"timestamp\":\"2026-06-30T09:00:00Z\",\"component\":{{\"bom-ref\":\"root\",\"type\":\"device\",\
         \"supplier\":{{\"name\":\"Example Medical\"}},\"name\":\"Model {number}\",\"version\":\"1.{number}\"}}}},\"components\":["
    );
    let mut listed = std::collections::BTreeSet::new();
    // The most popular come again and again; a bound keeps a large bill from drawing for ever.
    let mut next = 0;
    while listed.len() < components {
        let drawn = if next < components * 4 { popularity.pick(&mut random) } else { next };
        next += 1;
        if listed.insert(drawn) {
            text.push_str(if listed.len() > 1 { "," } else { "" });
            component(&mut text, drawn);
        }
    }
    text.push_str("]}");
    text.into_bytes()
}

/// One component by its popularity; the size and fields are those of a usual generator's.
fn component(text: &mut String, rank: usize) {
    let (group, artifact) = (rank % 977, rank / 7);
    let version = format!("{}.{}.{}", rank % 9 + 1, rank % 31, rank % 7);
    let purl = format!("pkg:maven/org.example.g{group}/artifact-{artifact}@{version}");
    let hash = (rank as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    add(
        text,
        format_args!(
            "{{\"type\":\"library\",\"bom-ref\":\"{purl}\",\"group\":\"org.example.g{group}\",\"name\":\"artifact-{artifact}\",\
             \"version\":\"{version}\",\"hashes\":[{{\"alg\":\"SHA-256\",\"content\":\"{hash:016x}{hash:016x}{hash:016x}{hash:016x}\"}}],\
             \"licenses\":[{{\"license\":{{\"id\":\"Apache-2.0\"}}}}],\"purl\":\"{purl}\"}}"
        ),
    );
}

const FINDING_HEADINGS: &[&str] = &[
    "host_name",
    "ip",
    "check",
    "vulnerability",
    "severity",
    "state",
    "title",
    "first_seen",
    "last_seen",
    "evidence",
];

/// What a scanner reports: `rows` findings, [`FINDINGS_A_HOST`] of each host.
pub fn findings(rows: u64, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let popularity = Popularity::of(20_000);
    let mut sheet = Sheet::new(FINDING_HEADINGS);
    for row in 0..rows {
        let host = row / FINDINGS_A_HOST;
        let flaw = popularity.pick(&mut random);
        sheet.row(&[
            ("host_name", &format!("host-{host:06}.hospital.example")),
            ("ip", &format!("10.{}.{}.{}", host >> 16, (host >> 8) & 255, host & 255)),
            ("check", &(100_000 + flaw).to_string()),
            ("vulnerability", &format!("CVE-{}-{}", 2010 + flaw % 16, 1000 + flaw / 16)),
            ("severity", random.pick(&["critical", "high", "high", "medium", "medium", "low"])),
            ("state", random.pick(&["open", "open", "open", "open", "fixed", "accepted"])),
            ("title", "Outdated software was found"),
            (
                "first_seen",
                &format!("2026-{:02}-{:02}", random.between(1, 7), random.between(1, 28)),
            ),
            ("last_seen", "2026-08-09"),
            ("evidence", &format!("installed version {}.{}", random.below(9), random.below(40))),
        ]);
    }
    sheet.into_bytes()
}

/// The next day's EPSS file: one score in sixteen moves a little, as in a usual week (6 % of 356,353 did between
/// 2026-08-08 and 2026-08-15).
pub fn next_day(epss: &str, date: &str, seed: u64) -> String {
    let mut random = Random::new(seed);
    let mut text = String::with_capacity(epss.len());
    for line in epss.lines() {
        match (line.starts_with('#'), line.split_once(',')) {
            (true, _) => {
                let model = line.split(',').next().unwrap_or_default();
                add(&mut text, format_args!("{model},score_date:{date}T00:00:00+0000\n"));
            }
            (false, Some((id, rest))) if id.starts_with("CVE-") && random.one_in(16) => {
                let percentile = rest.rsplit(',').next().unwrap_or_default();
                add(&mut text, format_args!("{id},0.{:05},{percentile}\n", random.below(100_000)));
            }
            _ => add(&mut text, format_args!("{line}\n")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inventory_has_a_row_for_each_asset_and_no_two_serials_alike() {
        let text = String::from_utf8(inventory(5, 1000, 1)).unwrap();
        let serials: std::collections::BTreeSet<&str> =
            text.lines().skip(1).filter_map(|line| line.split(",S0").nth(1)).collect();
        assert_eq!(text.lines().count(), 1001);
        assert_eq!(serials.len(), 1000);
    }

    #[test]
    fn a_bill_has_as_many_components_as_asked_for() {
        let popularity = Popularity::of(5_000);
        let text = String::from_utf8(bill(3, 4_000, &popularity, 1)).unwrap();
        assert_eq!(text.matches("\"library\"").count(), 4_000);
        assert_eq!(text, String::from_utf8(bill(3, 4_000, &popularity, 1)).unwrap());
    }

    #[test]
    fn the_next_day_keeps_every_line_and_moves_some_scores() {
        let day: String = std::iter::once(
            "#model_version:v1,score_date:2026-08-08T00:00:00+0000\ncve,epss,percentile\n"
                .to_owned(),
        )
        .chain((0..1600).map(|number| format!("CVE-2024-{number:04},0.00001,0.5\n")))
        .collect();
        let next = next_day(&day, "2026-08-09", 1);
        assert!(next.starts_with("#model_version:v1,score_date:2026-08-09T"));
        let moved = day.lines().zip(next.lines()).skip(2).filter(|(old, new)| old != new).count();
        assert_eq!(day.lines().count(), next.lines().count());
        assert!((60..140).contains(&moved), "{moved}");
    }
}
