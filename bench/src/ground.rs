//! Where benches run: the program under test, the real feeds, and data made once and kept.

use crate::child::{self, Cost};
use crate::packets;
use exposome_bench::hospital::scale;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Why a bench gave no figure, in words.
#[derive(Debug)]
pub(crate) struct NotRun(pub(crate) String);

impl<E: std::error::Error> From<E> for NotRun {
    fn from(error: E) -> NotRun {
        NotRun(error.to_string())
    }
}

pub(crate) fn not_run(words: impl Into<String>) -> NotRun {
    NotRun(words.into())
}

/// The PostgreSQL server of this run.
pub(crate) fn postgres_url() -> Result<String, NotRun> {
    #[expect(clippy::disallowed_methods, reason = "this is the binary; ./x bench says where")]
    let url = std::env::var("EXPOSOME_TEST_POSTGRES");
    url.map_err(|_| not_run("EXPOSOME_TEST_POSTGRES is not set: ./x bench sets it"))
}

pub(crate) struct Ground {
    root: PathBuf,
    /// Data made for benches, kept between runs; and folders that each bench begins anew.
    work: PathBuf,
    program: Option<PathBuf>,
}

const PROGRAM: &str = "target/release/exposome";
const SEED: u64 = 20_261_123;

impl Ground {
    pub(crate) fn new(as_built: bool) -> Result<Ground, NotRun> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf);
        let root = root.ok_or_else(|| not_run("the checkout has no root"))?;
        let work = root.join("target/bench");
        fs::create_dir_all(work.join("data"))?;
        let built = root.join(PROGRAM);
        let program = (as_built && built.exists()).then_some(built);
        Ok(Ground { root, work, program })
    }

    pub(crate) fn record(&self) -> PathBuf {
        self.root.join("docs/benchmarks.md")
    }

    /// The real feeds beside the project.
    pub(crate) fn feeds(&self) -> Result<PathBuf, NotRun> {
        let feeds = self.root.join("../shared/feeds");
        if feeds.is_dir() { Ok(feeds) } else { Err(not_run("../shared/feeds is absent")) }
    }

    /// An empty folder of this name.
    pub(crate) fn fresh(&self, name: &str) -> Result<PathBuf, NotRun> {
        let folder = self.work.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Where a program of others is installed, and stays.
    pub(crate) fn tool(&self, name: &str) -> PathBuf {
        self.work.join("tools").join(name)
    }

    /// The release build of exposome; it is built when first asked for.
    pub(crate) fn program(&mut self) -> Result<PathBuf, NotRun> {
        if let Some(program) = &self.program {
            return Ok(program.clone());
        }
        let status =
            self.cargo(&["build", "--quiet", "--release", "--package", "exposome"]).status()?;
        if !status.success() {
            return Err(not_run("exposome does not build"));
        }
        let program = self.root.join(PROGRAM);
        self.program = Some(program.clone());
        Ok(program)
    }

    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO"));
        command.current_dir(&self.root).args(arguments);
        command
    }

    /// Runs `exposome --data DATA ...` and counts what it cost.  Exit codes 0 (done) and 3 (part refused) are answers.
    pub(crate) fn exposome(&mut self, data: &Path, arguments: &[&str]) -> Result<Cost, NotRun> {
        let mut command = Command::new(self.program()?);
        command.arg("--data").arg(data).args(arguments);
        let cost = child::run(&mut command, &self.work)?;
        if matches!(cost.exit_code, 0 | 3) {
            return Ok(cost);
        }
        let first = arguments.iter().take(2).copied().collect::<Vec<_>>().join(" ");
        Err(not_run(format!("exposome {first} ended with {}: {}", cost.exit_code, cost.words)))
    }

    /// A file of made-up data, made when first asked for.
    fn made(
        &self,
        name: &str,
        make: impl FnOnce(&Path) -> Result<(), NotRun>,
    ) -> Result<PathBuf, NotRun> {
        let path = self.work.join("data").join(name);
        if !path.exists() {
            let half = self.work.join("data").join(format!("{name}.half"));
            make(&half)?;
            fs::rename(half, &path)?;
        }
        Ok(path)
    }

    /// So many CVE records as their bulk archive has them: the real ones at hand, repeated under new ids.
    pub(crate) fn cve_archive(&self, records: u32) -> Result<PathBuf, NotRun> {
        let sample = self.feeds()?.join("cve5/cves-sample-2024-10-24.zip");
        self.made(&format!("cves-{records}.zip"), |path| repeat_records(&sample, path, records))
    }

    /// So many CVE records of which only the first of each original speaks of its product: the others speak of
    /// products of their own, so that an asset has as many vulnerabilities as the originals give it, and not a
    /// hundred times as many.
    pub(crate) fn scattered_cve_archive(&self, records: u32) -> Result<PathBuf, NotRun> {
        let sample = self.feeds()?.join("cve5/cves-sample-2024-10-24.zip");
        self.made(&format!("cves-{records}-scattered.zip"), |path| {
            let originals = read_records(&sample)?;
            let mut archive = Records::create(path)?;
            for number in 0..records as usize {
                let (copy, place) = (number / originals.len(), number % originals.len());
                let Some((id, text)) = originals.get(place) else { continue };
                let new = archive.next_id();
                let mut record = serde_json::from_str(&text.replace(id.as_str(), &new))?;
                if copy > 0 {
                    of_other_products(&mut record, copy);
                }
                archive.add(&new, &serde_json::to_vec(&record)?)?;
            }
            archive.finish()
        })
    }

    /// The same archive with a comment of one letter: other bytes, the same records.
    pub(crate) fn cve_archive_repacked(&self, records: u32) -> Result<PathBuf, NotRun> {
        let archive = self.cve_archive(records)?;
        self.made(&format!("cves-{records}-repacked.zip"), |path| {
            fs::copy(&archive, path)?;
            let mut bytes = fs::read(path)?;
            // The last two bytes of an archive without a comment are the comment's length (APPNOTE.TXT, 4.3.16).
            bytes.truncate(bytes.len().saturating_sub(2));
            bytes.extend_from_slice(b"\x01\x00.");
            Ok(fs::write(path, bytes)?)
        })
    }

    /// The recordings beside the project.
    fn captures(&self) -> Result<PathBuf, NotRun> {
        let captures = self.root.join("../shared/captures");
        if captures.is_dir() { Ok(captures) } else { Err(not_run("../shared/captures is absent")) }
    }

    /// The clinical recordings repeated with other addresses: so many hospitals, and what was made of them.
    pub(crate) fn region(&self, hospitals: u16) -> Result<(PathBuf, packets::Made), NotRun> {
        const RECORDINGS: [&str; 4] = [
            "lab-hospital-a.pcap",
            "tapirx--HL7-ADT-UDI-OBX.pcap",
            "tapirx--HL7-ADT.pcap",
            "tapirx--HL7-ORM.pcap",
        ];
        let captures = self.captures()?;
        let recordings = RECORDINGS.map(|it| captures.join(it));
        let recordings: Vec<&Path> = recordings.iter().map(PathBuf::as_path).collect();
        let path = self.work.join("data").join(format!("region-{hospitals}.pcap"));
        // Always made anew: what was made is counted while it is.
        let made = packets::repeat(&recordings, hospitals, &path)?;
        Ok((path, made))
    }

    /// A capture of so many flows.
    pub(crate) fn many_flows(&self, flows: u32) -> Result<PathBuf, NotRun> {
        self.made(&format!("flows-{flows}.pcap"), |path| Ok(packets::flows(flows, path)?))
    }

    /// Another program on the same file; `None` where it is not installed.
    pub(crate) fn other(&self, command: &mut Command) -> Result<Option<Cost>, NotRun> {
        match child::run(command, &self.work) {
            Ok(cost) => Ok(Some(cost)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// An example of another crate, built for speed.
    pub(crate) fn example(
        &self,
        package: &str,
        name: &str,
        arguments: &[&str],
    ) -> Result<Cost, NotRun> {
        let build = ["build", "--quiet", "--release", "--package", package, "--example", name];
        if !self.cargo(&build).status()?.success() {
            return Err(not_run(format!("the example {name} does not build")));
        }
        let mut command = Command::new(self.root.join("target/release/examples").join(name));
        Ok(child::run(command.args(arguments), &self.work)?)
    }

    pub(crate) fn inventory(&self, first: u32, count: u32) -> Result<PathBuf, NotRun> {
        self.made(&format!("inventory-{first}-{count}.csv"), |path| {
            Ok(fs::write(path, scale::inventory(first, count, SEED))?)
        })
    }

    pub(crate) fn findings(&self, rows: u64) -> Result<PathBuf, NotRun> {
        self.made(&format!("findings-{rows}.csv"), |path| {
            Ok(fs::write(path, scale::findings(rows, SEED))?)
        })
    }

    /// A folder of bills; of `bills` documents only `distinct` differ.
    pub(crate) fn bills(
        &self,
        bills: u64,
        distinct: u64,
        components: usize,
    ) -> Result<PathBuf, NotRun> {
        self.made(&format!("bills-{bills}-{distinct}-{components}"), |folder| {
            fs::create_dir_all(folder)?;
            let popularity = scale::Popularity::of(scale::DISTINCT_COMPONENTS);
            for number in 0..bills {
                let bill = scale::bill(number % distinct, components, &popularity, SEED);
                fs::write(folder.join(format!("device-{number:06}.cdx.json")), bill)?;
            }
            Ok(())
        })
    }

    /// The EPSS file of the day after the one at hand.
    pub(crate) fn next_epss(&self) -> Result<PathBuf, NotRun> {
        let packed = self.feeds()?.join("epss/epss_scores-2026-08-15.csv.gz");
        self.made("epss_scores-2026-08-16.csv", |path| {
            let output = Command::new("gzip").arg("-dc").arg(&packed).output()?;
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            Ok(fs::write(path, scale::next_day(&text, "2026-08-16", SEED))?)
        })
    }
}

fn repeat_records(sample: &Path, to: &Path, records: u32) -> Result<(), NotRun> {
    let originals = read_records(sample)?;
    let mut archive = Records::create(to)?;
    for (id, text) in originals.iter().cycle().take(records as usize) {
        let new = archive.next_id();
        archive.add(&new, text.replace(id.as_str(), &new).as_bytes())?;
    }
    archive.finish()
}

/// An archive of CVE records in the making, as their bulk archive has them.
struct Records {
    archive: zip::ZipWriter<io::BufWriter<fs::File>>,
    next: u32,
}

impl Records {
    fn create(path: &Path) -> Result<Records, NotRun> {
        let file = io::BufWriter::new(fs::File::create(path)?);
        Ok(Records { archive: zip::ZipWriter::new(file), next: 1_000_000 })
    }

    fn next_id(&self) -> String {
        format!("CVE-2025-{}", self.next)
    }

    fn add(&mut self, id: &str, record: &[u8]) -> Result<(), NotRun> {
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .compression_level(Some(3));
        let folder = format!("cves/2025/{}xxx", self.next / 1000);
        self.archive.start_file(format!("{folder}/{id}.json"), options)?;
        self.archive.write_all(record)?;
        self.next += 1;
        Ok(())
    }

    fn finish(self) -> Result<(), NotRun> {
        Ok(self.archive.finish()?.flush()?)
    }
}

/// Gives every product that a record names another vendor.
fn of_other_products(value: &mut serde_json::Value, copy: usize) {
    use serde_json::Value;
    match value {
        Value::Object(members) => {
            if let Some(Value::String(vendor)) = members.get_mut("vendor") {
                vendor.extend([" ", &copy.to_string(), " works"]);
            }
            members.values_mut().for_each(|member| of_other_products(member, copy));
        }
        Value::Array(members) => {
            for member in members {
                of_other_products(member, copy);
            }
        }
        Value::String(text) if text.starts_with("cpe:2.3:") => {
            let mut parts: Vec<String> = text.split(':').map(str::to_owned).collect();
            if let Some(vendor) = parts.get_mut(3) {
                vendor.extend(["_", &copy.to_string(), "_works"]);
            }
            *text = parts.join(":");
        }
        _ => {}
    }
}

/// Id and text of every record in an archive.
fn read_records(path: &Path) -> Result<Vec<(String, String)>, NotRun> {
    let mut archive = zip::ZipArchive::new(io::BufReader::new(fs::File::open(path)?))?;
    let mut records = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let name = entry.name()?.to_string();
        let id =
            name.rsplit('/').next().and_then(|name| name.strip_suffix(".json")).map(str::to_owned);
        let Some(id) = id.filter(|id| id.starts_with("CVE-")) else { continue };
        let mut text = String::new();
        entry.read_to_string(&mut text)?;
        records.push((id, text));
    }
    if records.is_empty() {
        return Err(not_run(format!("{} holds no records", path.display())));
    }
    Ok(records)
}
