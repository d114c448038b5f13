//! How fast and in how much memory inventories are read: measured figures, not a test.
//!
//! ```text
//! inventory_rates write sbom|spdx|xml|findings|assets|nessus COUNT > FILE
//! inventory_rates read FILE
//! ```
//!
//! `read` prints what was read, the CPU seconds (user and system) and the largest
//! resident memory, as Linux counts them.

use exposome_intake::{Item, Limits, read};
use exposome_model::reading::{Complaint, Sink};
use std::fs::File;
use std::io::{self, BufWriter, Write};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["write", kind, count] => {
            let count: usize = count.parse().map_err(io::Error::other)?;
            let mut out = BufWriter::new(io::stdout().lock());
            write_document(kind, count, &mut out)?;
            out.flush()
        }
        ["read", file] => measure(file),
        _ => Err(io::Error::other("expected: write KIND COUNT, or read FILE")),
    }
}

fn write_document(kind: &str, count: usize, out: &mut impl Write) -> io::Result<()> {
    match kind {
        "sbom" => {
            write!(
                out,
                r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{{"component":{{"type":"device","name":"Infuso 500","version":"4.2.1"}}}},"components":["#
            )?;
            for i in 0..count {
                let comma = if i == 0 { "" } else { "," };
                write!(
                    out,
                    r#"{comma}{{"type":"library","bom-ref":"pkg:npm/part-{i}@{}.{}.0?package-id={i:016x}","supplier":{{"name":"Maker {}","url":["https://maker.example/{i}"]}},"group":"org.example.group","name":"part-{i}","version":"{}.{}.0","scope":"required","hashes":[{{"alg":"SHA-256","content":"{i:064x}"}}],"licenses":[{{"license":{{"id":"Apache-2.0"}}}}],"cpe":"cpe:2.3:a:example:part-{i}:{}.{}.0:*:*:*:*:*:*:*","purl":"pkg:npm/part-{i}@{}.{}.0"}}"#,
                    i % 9,
                    i % 7,
                    i % 500,
                    i % 9,
                    i % 7,
                    i % 9,
                    i % 7,
                    i % 9,
                    i % 7
                )?;
            }
            write!(out, "]}}")
        }
        "spdx" => {
            write!(out, r#"{{"spdxVersion":"SPDX-2.3","name":"measured","packages":["#)?;
            for i in 0..count {
                let comma = if i == 0 { "" } else { "," };
                write!(
                    out,
                    r#"{comma}{{"SPDXID":"SPDXRef-{i}","name":"part-{i}","versionInfo":"{}.{}.0","downloadLocation":"NOASSERTION","filesAnalyzed":false,"licenseConcluded":"NOASSERTION","supplier":"Organization: Maker {}","externalRefs":[{{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:npm/part-{i}@{}.{}.0"}}]}}"#,
                    i % 9,
                    i % 7,
                    i % 500,
                    i % 9,
                    i % 7
                )?;
            }
            write!(out, "]}}")
        }
        "xml" => {
            write!(
                out,
                r#"<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components>"#
            )?;
            for i in 0..count {
                write!(
                    out,
                    r#"<component type="library" bom-ref="ref-{i}"><supplier><name>Maker {}</name></supplier><name>part-{i}</name><version>{}.{}.0</version><hashes><hash alg="SHA-256">{i:064x}</hash></hashes><purl>pkg:npm/part-{i}@{}.{}.0</purl></component>"#,
                    i % 500,
                    i % 9,
                    i % 7,
                    i % 9,
                    i % 7
                )?;
            }
            write!(out, "</components></bom>")
        }
        "findings" => {
            writeln!(
                out,
                "IP Address,DNS Name,Plugin ID,CVE,Status,Severity,Plugin Name,First Found,Last Found,Plugin Output"
            )?;
            for i in 0..count {
                let host = i / 40;
                writeln!(
                    out,
                    "10.{}.{}.{},host-{host}.hospital.example,{},CVE-20{:02}-{},Open,High,\"Missing update, check {i}\",2024-02-01T10:00:00Z,2026-03-0{} 08:30:00,\"installed: {}.{}, expected: {}.0\"",
                    host / 65536,
                    host / 256 % 256,
                    host % 256,
                    10_000 + i % 5_000,
                    10 + i % 16,
                    1000 + i % 9000,
                    1 + i % 9,
                    i % 9,
                    i % 7,
                    i % 9 + 1
                )?;
            }
            Ok(())
        }
        "assets" => {
            writeln!(
                out,
                "asset_id,site,name,manufacturer,model,serial,mac,ip,firmware_version,device_class,location,owner,installed_on"
            )?;
            for i in 0..count {
                writeln!(
                    out,
                    "A-{i},Main,Patient monitor,Example Medical,Model {},SN{:08},02:00:{:02x}:{:02x}:{:02x}:01,10.{}.{}.{},{}.{},patient monitor,Ward {},Clinical engineering,2019-04-{:02}",
                    i % 300,
                    i * 7,
                    i / 65536 % 256,
                    i / 256 % 256,
                    i % 256,
                    i / 65536,
                    i / 256 % 256,
                    i % 256,
                    i % 5,
                    i % 11,
                    i % 40,
                    1 + i % 28
                )?;
            }
            Ok(())
        }
        "nessus" => {
            write!(out, "<NessusClientData_v2><Report name=\"measured\">")?;
            for i in 0..count {
                if i % 40 == 0 {
                    write!(
                        out,
                        "<ReportHost name=\"host-{}\"><HostProperties><tag name=\"host-ip\">10.0.{}.{}</tag></HostProperties>",
                        i / 40,
                        i / 10_240,
                        i / 40 % 256
                    )?;
                }
                write!(
                    out,
                    "<ReportItem port=\"445\" svc_name=\"cifs\" protocol=\"tcp\" severity=\"3\" pluginID=\"{}\" pluginName=\"Missing update\"><cve>CVE-2020-{}</cve><description>What the check does, at some length, for whoever reads it.</description><plugin_output>installed: {}.{}</plugin_output></ReportItem>",
                    10_000 + i % 5_000,
                    1000 + i % 9000,
                    i % 9,
                    i % 7
                )?;
                if i % 40 == 39 || i + 1 == count {
                    write!(out, "</ReportHost>")?;
                }
            }
            write!(out, "</Report></NessusClientData_v2>")
        }
        _ => Err(io::Error::other("unknown kind")),
    }
}

/// Keeps the sheets, as whoever assesses them must.
#[derive(Default)]
struct Counts {
    sheets: Vec<exposome_model::inventory::Sheet>,
    complaints: usize,
}

impl Sink<Item> for Counts {
    fn record(&mut self, item: Item) {
        if let Item::Sheet(sheet) = item {
            self.sheets.push(sheet);
        }
    }

    fn complain(&mut self, _: Complaint) {
        self.complaints += 1;
    }
}

fn measure(file: &str) -> io::Result<()> {
    let mut source = File::open(file)?;
    let bytes = source.metadata()?.len();
    let mut counts = Counts::default();
    let before = cpu_ms()?;
    let limits = Limits { record_bytes: 1 << 30, ..Limits::default() };
    read(&mut source, file, &limits, &mut counts).map_err(io::Error::other)?;
    let cpu_ms = (cpu_ms()? - before).max(1);
    let components: usize = counts.sheets.iter().map(|it| it.components.len()).sum();
    let findings: usize = counts.sheets.iter().map(|it| it.findings.len()).sum();
    let rate = |count: usize| count as u64 * 1000 / cpu_ms;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{file}: {} MB, {} sheets, {components} components, {findings} findings, {} complaints; {cpu_ms} CPU-ms: {} sheets, {} components, {} findings per CPU-s; peak {} MB",
        bytes / 1_000_000,
        counts.sheets.len(),
        counts.complaints,
        rate(counts.sheets.len()),
        rate(components),
        rate(findings),
        peak_kb()? / 1000,
    )
}

/// User and system time of this process, in milliseconds (proc(5), `stat`; ticks of 10 ms).
fn cpu_ms() -> io::Result<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after_name
        .split_ascii_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|it| it.parse::<u64>().ok())
        .sum();
    Ok(ticks * 10)
}

/// The largest resident memory so far (proc(5), `VmHWM`).
fn peak_kb() -> io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|it| it.starts_with("VmHWM:")).unwrap_or_default();
    Ok(line.split_ascii_whitespace().nth(1).and_then(|it| it.parse().ok()).unwrap_or(0))
}
