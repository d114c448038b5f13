//! `exposome import`: inventories, SBOMs and scans into the store.
//!
//! A document adds and updates.  What it does not name stays as it was, unless a
//! person says for which scope it is complete; and then it is noted as *not
//! seen*, never as fixed.  Where that would close more than 5 % of a source's
//! records, or anything on a gated device, the import waits until a person has
//! looked at the list.

use crate::cli::{Cli, Import};
use crate::clock::Recorder;
use crate::documents::{self, Reading, Taker};
use crate::exit::Exit;
use crate::output::{Column, List, column, note, say};
use crate::progress::Progress;
use crate::{clock, rules, state};
use anyhow::{Context as _, Result, bail};
use exposome_engine::assess::Rules;
use exposome_intake::inventory::{ColumnMap, Told};
use exposome_model::inventory::{Attribute, Sheet};
use exposome_model::knowledge::{EpssTable, Record};
use exposome_model::reading::Complaint;
use exposome_store::site::{Delivery, ImportDocument};
use exposome_store::{Changes, ShortDigest, Store, short_digest};
use jiff::Timestamp;
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) async fn run(cli: &Cli, arguments: &Import) -> Result<Exit> {
    let columns = arguments.map.as_ref().map(read_map).transpose()?;
    let handing = Handing {
        source: arguments.source.clone().unwrap_or_default(),
        told: Told {
            columns,
            worksheet: arguments.worksheet.clone(),
            subject: arguments.subject.clone(),
            distribution: arguments.distribution.clone(),
            as_of: None,
        },
        observed: arguments.observed.as_deref().map(clock::read).transpose()?,
        scopes: arguments
            .complete
            .iter()
            .map(|text| Scope::read(text))
            .collect::<Result<Vec<_>>>()?,
        confirmed: arguments.confirm,
        dry_run: arguments.dry_run,
        save_map: arguments.save_map.clone(),
    };
    let store = state::open(cli).await?;
    let mut importing = Importing::new(&store, &arguments.site, Recorder::new())?;
    let files = documents::files(&arguments.files)?;
    let progress = Progress::files(files.len() as u64, "importing");
    let mut list = List::new(COLUMNS);
    let mut exit = Exit::Done;
    for path in files {
        if let Err(error) = importing.take(&path, &handing).await {
            // What was read before stands.
            importing.finish().await?;
            return Err(error);
        }
        progress.step();
    }
    for outcome in importing.finish().await? {
        exit = exit.max(outcome.exit());
        list.push(outcome.row());
    }
    drop(progress);
    store.close().await;
    list.print(arguments.rendering)?;
    if arguments.dry_run {
        note("dry run: nothing was written");
    }
    Ok(exit)
}

const COLUMNS: &[Column] = &[
    column("document", "document"),
    column("source", "source"),
    column("format", "format"),
    column("records", "records"),
    column("added", "added"),
    column("changed", "changed"),
    column("unchanged", "unchanged"),
    column("not_seen", "not seen"),
    column("refused", "refused"),
    column("doubtful", "doubtful"),
];

/// How documents are handed over: what a person says beside their bytes.
#[derive(Default)]
pub(crate) struct Handing {
    /// What the hospital calls the source; the document's name where empty.
    pub(crate) source: String,
    pub(crate) told: Told,
    pub(crate) observed: Option<Timestamp>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) confirmed: bool,
    pub(crate) dry_run: bool,
    pub(crate) save_map: Option<PathBuf>,
}

/// An import under way.  Documents are written some at a time: a commit each would cost more than reading them.
pub(crate) struct Importing<'a> {
    store: &'a Store,
    site: String,
    recorder: Recorder,
    rules: Rules,
    waiting: Vec<Waiting>,
    outcomes: Vec<Imported>,
    /// What documents said that have been written, by their bytes: a fleet has one bill of materials many times.
    before: HashMap<ShortDigest, Arc<Said>>,
}

/// A document that is read and not yet written.
struct Waiting {
    document: ImportDocument,
    said: Arc<Said>,
    /// Its place among the outcomes.
    outcome: usize,
}

impl Waiting {
    fn delivery(&self) -> Delivery<'_> {
        let Said { sheets, complaints, bills, .. } = self.said.as_ref();
        Delivery { document: &self.document, sheets, complaints, bills }
    }
}

/// What a document said.
#[derive(Default)]
struct Said {
    sheets: Vec<Sheet>,
    complaints: Vec<Complaint>,
    refused: usize,
    format: &'static str,
    /// Of each sheet what is installed, once that is written; the sheets carry no components from then on.
    bills: Vec<Option<ShortDigest>>,
}

/// So many components and subjects are written at a time.
const AT_A_TIME: usize = 50_000;

/// What one document came to.
pub(crate) struct Imported {
    document: String,
    source: String,
    format: &'static str,
    records: usize,
    changes: Changes,
    not_seen: usize,
    refused: usize,
    doubtful: usize,
    held: bool,
}

impl<'a> Importing<'a> {
    pub(crate) fn new(store: &'a Store, site: &str, recorder: Recorder) -> Result<Importing<'a>> {
        Ok(Importing {
            store,
            site: site.to_owned(),
            recorder,
            rules: rules::rules()?,
            waiting: Vec::new(),
            outcomes: Vec::new(),
            before: HashMap::new(),
        })
    }

    /// Writes what waits; what every document came to, in their order.
    pub(crate) async fn finish(&mut self) -> Result<Vec<Imported>> {
        self.write().await?;
        Ok(std::mem::take(&mut self.outcomes))
    }

    /// Takes one document in.
    pub(crate) async fn take(&mut self, path: &Path, handing: &Handing) -> Result<()> {
        let bytes =
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let digest = short_digest(&bytes);
        drop(bytes);
        let name =
            path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let source = if handing.source.is_empty() { name.clone() } else { handing.source.clone() };
        // Whoever speaks again must find written what was said before.
        let is_waiting =
            |it: &Waiting| it.document.source == source || it.document.digest == digest;
        if self.waiting.iter().any(is_waiting) || !handing.scopes.is_empty() {
            self.write().await?;
        }
        let site = self.site.clone();
        let repeated = !handing.dry_run && self.store.is_imported(&site, &source, &digest).await?;
        if repeated && handing.scopes.is_empty() {
            let outcome = self.seen_again(source, name, digest, handing.observed).await?;
            self.outcomes.push(outcome);
            return Ok(());
        }
        let recorded_at = self.recorder.next();
        let known = self.before.get(&digest).filter(|_| handing.is_plain()).cloned();
        let mut said = match known {
            Some(said) => said,
            None => Arc::new(read(path, &name, handing, recorded_at)?),
        };
        let mut outcome = Imported {
            document: name.clone(),
            source: source.clone(),
            format: said.format,
            records: said.sheets.len(),
            changes: Changes::default(),
            not_seen: 0,
            refused: said.refused,
            doubtful: said.complaints.len() - said.refused,
            held: false,
        };
        let gone = self.gone(&handing.scopes, &source, &said.sheets, recorded_at).await?;
        outcome.not_seen = gone.sheets.len();
        if let Some(why) = gone.why_held.filter(|_| !handing.confirmed) {
            note(&format!(
                "{name}: held, nothing was written: {why}. Look at the list, then repeat with --confirm:"
            ));
            gone.sheets.iter().for_each(|sheet| note(&format!("  no longer named: {}", sheet.key)));
            outcome.held = true;
        }
        let held = outcome.held;
        self.outcomes.push(outcome);
        if held || handing.dry_run {
            return if held { Ok(()) } else { show_sheets(&said.sheets) };
        }
        if let Some(said) = Arc::get_mut(&mut said) {
            said.sheets.extend(gone.sheets);
        }
        let observed_at = handing.observed.unwrap_or(recorded_at);
        let format = said.format.to_owned();
        let document =
            ImportDocument { site, source, name, format, digest, observed_at, recorded_at };
        self.waiting.push(Waiting { document, said, outcome: self.outcomes.len() - 1 });
        let listed = |it: &Waiting| {
            let bills = it.said.sheets.iter().map(|sheet| 1 + sheet.components.len());
            bills.sum::<usize>()
        };
        if self.waiting.iter().map(listed).sum::<usize>() >= AT_A_TIME {
            self.write().await?;
        }
        Ok(())
    }

    /// Writes the documents that wait, in one transaction.
    async fn write(&mut self) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let deliveries: Vec<Delivery<'_>> = waiting.iter().map(Waiting::delivery).collect();
        let taken = self.store.import_all(&deliveries).await?;
        drop(deliveries);
        for (Waiting { document, said, outcome }, taken) in waiting.into_iter().zip(taken) {
            if let Some(outcome) = self.outcomes.get_mut(outcome) {
                outcome.changes = taken.changes;
            }
            // A table of thousands is not sent twice; a bill of materials is.
            if let Some(mut said) = Arc::into_inner(said).filter(|it| it.sheets.len() == 1) {
                said.sheets.iter_mut().for_each(|sheet| sheet.components = Vec::new());
                said.bills = taken.bills;
                self.before.insert(document.digest, Arc::new(said));
            }
        }
        Ok(())
    }

    /// The very same document again: it says nothing new, but that its source still says so.
    async fn seen_again(
        &mut self,
        source: String,
        name: String,
        digest: ShortDigest,
        observed: Option<Timestamp>,
    ) -> Result<Imported> {
        let recorded_at = self.recorder.next();
        let observed_at = observed.unwrap_or(recorded_at);
        let site = self.site.clone();
        let document = ImportDocument {
            site,
            source: source.clone(),
            name: name.clone(),
            format: String::new(),
            digest,
            observed_at,
            recorded_at,
        };
        let changes = self.store.import_again(&document).await?;
        let records = usize::try_from(changes.unchanged).unwrap_or(usize::MAX);
        Ok(Imported {
            document: name,
            source,
            format: "as before",
            records,
            changes,
            not_seen: 0,
            refused: 0,
            doubtful: 0,
            held: false,
        })
    }

    /// What the source named before inside the scopes and does not name now.
    async fn gone(
        &self,
        scopes: &[Scope],
        source: &str,
        sheets: &[Sheet],
        now: Timestamp,
    ) -> Result<Gone> {
        if scopes.is_empty() {
            return Ok(Gone::default());
        }
        let named: BTreeSet<&str> = sheets.iter().map(|sheet| sheet.key.as_str()).collect();
        let claims = self.store.claims(&self.site, now).await?;
        let of_source: Vec<_> = claims.into_iter().filter(|claim| claim.source == source).collect();
        let total = of_source.len();
        let left = of_source.into_iter().map(|claim| claim.sheet).filter(|sheet| {
            let is_inside = scopes.iter().any(|scope| scope.holds(sheet));
            is_inside
                && !named.contains(sheet.key.as_str())
                && sheet.first(Attribute::Lifecycle) != Some(NOT_SEEN)
        });
        let left: Vec<Sheet> = left.collect();
        let gated = left.iter().filter(|sheet| self.is_gated(sheet)).count();
        let why_held = if gated > 0 {
            Some(format!("{gated} gated devices would count as not seen"))
        } else if left.len() * 20 > total {
            Some(format!(
                "{} of {total} records would count as not seen, more than 5 %",
                left.len()
            ))
        } else {
            None
        };
        Ok(Gone { sheets: left.into_iter().map(not_seen).collect(), why_held })
    }

    fn is_gated(&self, sheet: &Sheet) -> bool {
        let kinds = [Attribute::DeviceClass, Attribute::Name, Attribute::Model]
            .map(|it| sheet.all(it).collect());
        self.rules.categories.judge(kinds).is_none_or(|category| category.gated)
    }
}

impl Handing {
    /// Nobody said anything that lets the same bytes mean something else.
    fn is_plain(&self) -> bool {
        self.scopes.is_empty() && !self.dry_run && self.save_map.is_none()
    }
}

/// Reads a document; what was not understood in it is shown.
fn read(path: &Path, name: &str, handing: &Handing, recorded_at: Timestamp) -> Result<Said> {
    let mut kept = Kept { sheets: Vec::new(), format: "", knowledge: 0, columns: None };
    let mut reading = Reading::default();
    let as_of = Some(recorded_at.to_zoned(jiff::tz::TimeZone::UTC).date());
    let told = Told { as_of, ..handing.told.clone() };
    documents::read(path, &told, &mut kept, &mut reading);
    if kept.knowledge > 0 {
        note(&format!(
            "{name}: {} records of world knowledge were passed over; `exposome feeds load` takes them",
            kept.knowledge
        ));
    }
    reading.show_complaints(if handing.dry_run { usize::MAX } else { 20 });
    if let (Some(path), Some(columns)) = (&handing.save_map, &kept.columns) {
        std::fs::write(path, columns.to_toml())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let refused = reading.refused();
    let Kept { sheets, format, .. } = kept;
    Ok(Said { sheets, complaints: reading.complaints, refused, format, bills: Vec::new() })
}

/// What a complete document no longer names.
#[derive(Default)]
struct Gone {
    sheets: Vec<Sheet>,
    why_held: Option<String>,
}

const NOT_SEEN: &str = "not seen";

/// The source's new word on a subject it no longer names: what it said of what is installed holds no more.
fn not_seen(mut sheet: Sheet) -> Sheet {
    sheet.attributes.retain(|(attribute, _)| *attribute != Attribute::Lifecycle);
    sheet.attributes.push((Attribute::Lifecycle, NOT_SEEN.to_owned()));
    sheet.components.clear();
    sheet.findings.clear();
    sheet
}

/// For which subjects a document is complete.
pub(crate) enum Scope {
    All,
    Where { attribute: Attribute, value: String },
}

impl Scope {
    fn read(text: &str) -> Result<Scope> {
        if text == "all" {
            return Ok(Scope::All);
        }
        let Some((name, value)) = text.split_once('=') else {
            bail!("{text:?} is no scope; write all, location=ICU or class=\"infusion pump\"");
        };
        let attribute = match name {
            "class" => Some(Attribute::DeviceClass),
            name => Attribute::from_name(name),
        };
        let Some(attribute) = attribute else {
            bail!(
                "{name:?} is no attribute a scope can name; write location, class, unit, vlan ..."
            )
        };
        Ok(Scope::Where { attribute, value: value.to_lowercase() })
    }

    fn holds(&self, sheet: &Sheet) -> bool {
        match self {
            Scope::All => true,
            Scope::Where { attribute, value } => {
                sheet.all(*attribute).any(|said| said.to_lowercase() == *value)
            }
        }
    }
}

impl Imported {
    fn exit(&self) -> Exit {
        match (self.held, self.refused) {
            (true, _) => Exit::Held,
            (false, 1..) => Exit::PartlyRefused,
            (false, 0) => Exit::Done,
        }
    }

    fn row(&self) -> Vec<serde_json::Value> {
        vec![
            json!(self.document),
            json!(self.source),
            json!(self.format),
            json!(self.records),
            json!(self.changes.added),
            json!(self.changes.changed),
            json!(self.changes.unchanged),
            json!(self.not_seen),
            json!(self.refused),
            json!(self.doubtful),
        ]
    }
}

struct Kept {
    sheets: Vec<Sheet>,
    format: &'static str,
    knowledge: usize,
    /// What the columns were taken for.
    columns: Option<ColumnMap>,
}

impl Taker for Kept {
    fn opened(&mut self, _name: &str, format: &'static str) {
        self.format = format;
    }

    fn columns(&mut self, columns: ColumnMap) {
        self.columns = Some(columns);
    }

    fn record(&mut self, _record: Record) {
        self.knowledge += 1;
    }

    fn scores(&mut self, _table: EpssTable) {
        self.knowledge += 1;
    }

    fn sheet(&mut self, sheet: Sheet) {
        self.sheets.push(sheet);
    }
}

fn read_map(path: &PathBuf) -> Result<ColumnMap> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    ColumnMap::from_toml(&text).with_context(|| format!("{} is no column map", path.display()))
}

/// The first records as they were understood, for a person to check.
fn show_sheets(sheets: &[Sheet]) -> Result<()> {
    for sheet in sheets.iter().take(10) {
        let attributes = sheet
            .attributes
            .iter()
            .map(|(attribute, value)| format!("{}={value}", attribute.name()));
        say(&format!(
            "{} ({}): {}",
            sheet.key,
            sheet.place,
            attributes.collect::<Vec<_>>().join(", ")
        ))?;
        for component in sheet.components.iter().take(5) {
            say(&format!("    {}", exposome_engine::assess::in_words(component)))?;
        }
    }
    if sheets.len() > 10 {
        say(&format!("... and {} more", sheets.len() - 10))?;
    }
    Ok(())
}
