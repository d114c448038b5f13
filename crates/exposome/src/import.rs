//! `exposome import`: inventories, SBOMs and scans into the store.
//!
//! A document adds and updates.  What it does not name stays as it was, unless a
//! person says for which scope it is complete; and then it is noted as *not
//! seen*, never as fixed: what is installed on it and what was found there stay.
//! Several documents of one call are complete together.  Where that would close
//! more than 5 % of a source's records, or anything on a gated device, the import
//! waits until a person has looked at the list; so it does where a list that is
//! whole would uninstall so much.

use crate::cli::{Cli, Import};
use crate::clock::Recorder;
use crate::documents::{self, Reading, Taker};
use crate::exit::Exit;
use crate::hearing;
use crate::output::{Column, List, column, note, say};
use crate::progress::Progress;
use crate::{clock, diff, state};
use anyhow::{Context as _, Result, bail};
use exposome_engine::assess::{Rules, category_of, is_gated};
use exposome_engine::identify::identify;
use exposome_engine::people::People;
use exposome_intake::inventory::{ColumnMap, Told};
use exposome_model::claim::Claim;
use exposome_model::inventory::{Attribute, NOT_SEEN, Sheet};
use exposome_model::knowledge::{EpssTable, Record};
use exposome_model::reading::{Complaint, Weight};
use exposome_server::errands;
use exposome_site::rules;
use exposome_store::site::{Delivery, ImportDocument};
use exposome_store::{Changes, ShortDigest, Store, short_digest};
use jiff::Timestamp;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
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
        observed: arguments
            .observed
            .as_deref()
            .map(clock::read)
            .transpose()?
            .map(|it| not_ahead(it, clock::now()))
            .transpose()?,
        scopes: arguments
            .complete
            .iter()
            .map(|text| Scope::read(text))
            .collect::<Result<Vec<_>>>()?,
        confirmed: arguments.confirm,
        dry_run: arguments.dry_run,
        aloud: if arguments.rendering.json || arguments.rendering.csv {
            Aloud::Complaints
        } else {
            Aloud::Everything
        },
        save_map: arguments.save_map.clone(),
    };
    let site = arguments.site.as_deref();
    if arguments.diff {
        return diff::of_candidate(cli, (site, arguments.rendering), async |copy| {
            let outcomes = take(copy, site, &arguments.files, &handing, Recorder::new()).await?;
            Ok(outcomes.iter().map(Imported::exit).max().unwrap_or(Exit::Done))
        })
        .await;
    }
    let store = state::open(cli).await?;
    let outcomes = take(&store, site, &arguments.files, &handing, Recorder::new()).await?;
    store.close().await;
    let mut list = List::new(COLUMNS);
    let mut exit = Exit::Done;
    for outcome in outcomes {
        exit = exit.max(outcome.exit());
        list.push(outcome.row());
    }
    list.print(arguments.rendering)?;
    if arguments.dry_run {
        note("dry run: nothing was written");
    }
    Ok(exit)
}

/// Imports some documents.
pub(crate) async fn take(
    store: &Store,
    site: Option<&str>,
    paths: &[PathBuf],
    handing: &Handing,
    recorder: Recorder,
) -> Result<Vec<Imported>> {
    let mut importing = Importing::new(store, site.unwrap_or(SITE), recorder)?;
    importing.is_bound = site.is_some();
    let files = documents::files(paths)?;
    take_all(&mut importing, &files, handing).await
}

/// When what is imported was true.  Nobody has seen what lies ahead, and it would outlast everything seen until then.
pub(crate) fn not_ahead(moment: Timestamp, now: Timestamp) -> Result<Timestamp> {
    if moment > now + jiff::SignedDuration::from_hours(24) {
        bail!(
            "observed {moment} lies in the future: give the moment at which the documents were made"
        );
    }
    Ok(moment)
}

/// The site of whoever names none.
const SITE: &str = "main";

async fn take_all(
    importing: &mut Importing<'_>,
    files: &[PathBuf],
    handing: &Handing,
) -> Result<Vec<Imported>> {
    let gone = if handing.scopes.is_empty() {
        Gone::default()
    } else {
        importing.gone(files, handing).await?
    };
    if !gone.why_held.is_empty() && !handing.confirmed {
        return Ok(gone.held(files, handing));
    }
    if handing.source.is_empty() {
        say_shared_names(files);
    }
    let progress = Progress::files(files.len() as u64, "importing");
    for path in files {
        if let Err(error) = importing.take(path, handing).await {
            // What was read before stands.
            importing.finish().await?;
            return Err(error);
        }
        progress.step();
    }
    if handing.dry_run {
        for ((source, _), sheets) in &gone.sheets {
            let is_of = |it: &&mut Imported| it.source == *source && !it.held;
            if let Some(it) = importing.outcomes.iter_mut().rfind(is_of) {
                it.not_seen += sheets.len();
            }
        }
    } else {
        importing.close(gone, handing).await?;
    }
    importing.finish().await
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

/// How much whoever runs the program is shown beside the counts.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aloud {
    #[default]
    Nothing,
    /// What was not understood: standard output is for a program.
    Complaints,
    /// Of a dry run also what was understood.
    Everything,
}

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
    pub(crate) aloud: Aloud,
    pub(crate) save_map: Option<PathBuf>,
}

/// An import under way.  Documents are written some at a time: a commit each would cost more than reading them.
pub(crate) struct Importing<'a> {
    store: &'a Store,
    /// The site of records that name none.
    site: String,
    /// A person named the site: records that name another one do not belong here.  Else they go where they say.
    is_bound: bool,
    recorder: Recorder,
    rules: &'static Arc<Rules>,
    waiting: Vec<Waiting>,
    outcomes: Vec<Imported>,
    /// What documents said that have been written, by what they are: a fleet has one bill of materials many times.
    before: HashMap<ShortDigest, Arc<Said>>,
}

/// A document that is read and not yet written.
struct Waiting {
    document: ImportDocument,
    said: Arc<Said>,
    /// Its place among the outcomes.
    outcome: usize,
    /// What the document is whatever it is called, where it says the same of whoever sends it.
    reusable: Option<ShortDigest>,
}

impl Waiting {
    fn delivery(&self) -> Delivery<'_> {
        let Said { sheets, complaints, bills, .. } = self.said.as_ref();
        Delivery { document: &self.document, sheets, complaints, bills }
    }
}

/// What a document said.
#[derive(Default, Clone)]
struct Said {
    sheets: Vec<Sheet>,
    complaints: Vec<Complaint>,
    refused: usize,
    format: &'static str,
    /// What the columns of a table were taken for.
    columns: Option<ColumnMap>,
    /// When it was true, where the document says so.
    observed_at: Option<Timestamp>,
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
    /// Why it must not uninstall what it would, and the list of it.
    lost: Vec<String>,
    held: bool,
    /// The first of them.
    complaints: Vec<Complaint>,
    columns: Option<ColumnMap>,
}

/// So many complaints of a document are told beside what it came to.
const COMPLAINTS: usize = 200;

impl<'a> Importing<'a> {
    pub(crate) fn new(store: &'a Store, site: &str, recorder: Recorder) -> Result<Importing<'a>> {
        Ok(Importing {
            store,
            site: site.to_owned(),
            is_bound: false,
            recorder,
            rules: rules::shipped()?,
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
        let name = name_of(path);
        let source = handing.source_of(&name);
        let content = match self.digest(path, handing) {
            Ok(content) => content,
            Err(error) => {
                note(&format!("refused: {error:#}"));
                let outcome = Imported::of(&Said::default(), &name, &source);
                self.outcomes.push(Imported { refused: 1, ..outcome });
                return Ok(());
            }
        };
        let digest = short_digest(&[&content[..], name.as_bytes()].concat());
        // Whoever speaks again must find written what was said before.
        let is_waiting =
            |it: &Waiting| it.document.source == source || it.reusable == Some(content);
        if self.waiting.iter().any(is_waiting) {
            self.write().await?;
        }
        let is_plain = handing.is_plain();
        let last = self.store.last_import(&self.site, &source).await?;
        // A recording says when it was made: given once more, nothing is seen later than it was.
        if is_plain && last == Some(digest) && !hearing::is_capture(path) {
            let outcome = self.seen_again(source, name, digest, handing).await?;
            self.outcomes.push(outcome);
            return Ok(());
        }
        let recorded_at = self.recorder.next();
        let known = self.before.get(&content).filter(|_| is_plain).cloned();
        let is_new = known.is_none();
        let mut said = match known {
            Some(said) => said,
            None => Arc::new(self.read(path, &name, handing, recorded_at)?),
        };
        let mut outcome = Imported::of(&said, &name, &source);
        let keys: BTreeSet<&str> = said.sheets.iter().map(|sheet| sheet.key.as_str()).collect();
        let sites: BTreeSet<String> = said.sheets.iter().map(|it| self.site_of(it)).collect();
        let is_simple = keys.len() == said.sheets.len() && sites.iter().all(|it| *it == self.site);
        let is_first = is_simple
            && (last.is_none()
                || self.store.said_before(&self.site, &source, &keys).await?.is_empty());
        drop(keys);
        let mut reusable = None;
        let by_site = if is_first {
            // A document that speaks of what it is called says something else under another name.
            let is_named = said.sheets.iter().any(|sheet| name.starts_with(&sheet.key));
            reusable = (is_new && !is_named && said.sheets.len() == 1).then_some(content);
            if handing.dry_run {
                outcome.changes.added = said.sheets.len() as u64;
            }
            vec![(self.site.clone(), said)]
        } else {
            if !is_new {
                // What was known of it carries no components any more.
                said = Arc::new(self.read(path, &name, handing, recorded_at)?);
            }
            self.updated(said, &source, recorded_at, &mut outcome, handing).await?
        };
        if !outcome.lost.is_empty() && !handing.confirmed {
            outcome.hold();
        }
        let is_held = outcome.held;
        self.outcomes.push(outcome);
        if handing.dry_run && handing.aloud == Aloud::Everything {
            by_site.iter().try_for_each(|(_, said)| show_sheets(&said.sheets))?;
        }
        if is_held || handing.dry_run {
            return Ok(());
        }
        let is_split = by_site.iter().any(|(site, _)| *site != self.site);
        for (site, said) in by_site {
            // A document of several sites is never passed over at one of them: it speaks of the others, too.
            let digest = if is_split {
                short_digest(&[&digest[..], site.as_bytes()].concat())
            } else {
                digest
            };
            let document = ImportDocument {
                site,
                source: source.clone(),
                name: name.clone(),
                format: said.format.to_owned(),
                digest,
                // A clock of another machine may be ahead; nobody has seen what lies there.
                observed_at: handing
                    .observed
                    .or(said.observed_at.map(|it| it.min(recorded_at)))
                    .unwrap_or(recorded_at),
                recorded_at,
            };
            let outcome = self.outcomes.len() - 1;
            self.waiting.push(Waiting { document, said, outcome, reusable });
        }
        let listed = |it: &Waiting| {
            let bills = it.said.sheets.iter().map(|sheet| 1 + sheet.components.len());
            bills.sum::<usize>()
        };
        if self.waiting.iter().map(listed).sum::<usize>() >= AT_A_TIME {
            self.write().await?;
        }
        Ok(())
    }

    /// What a document says beside what it is called: its bytes, what a person told of them, and who reads it.
    fn digest(&self, path: &Path, handing: &Handing) -> Result<ShortDigest> {
        let bytes = documents::digest(path)?;
        let Told { columns, worksheet, subject, distribution, as_of: _ } = &handing.told;
        let told = serde_json::to_vec(&(
            env!("EXPOSOME_BUILD"),
            self.is_bound.then_some(&self.site),
            columns.as_ref().map(ColumnMap::to_toml),
            worksheet,
            subject,
            distribution,
            &handing.scopes,
        ))?;
        Ok(short_digest(&[&bytes[..], told.as_slice()].concat()))
    }

    /// Reads a document; what was not understood in it is shown.
    fn read(&self, path: &Path, name: &str, handing: &Handing, at: Timestamp) -> Result<Said> {
        let mut kept = Kept::default();
        let mut reading = Reading::default();
        let as_of = Some(at.to_zoned(jiff::tz::TimeZone::UTC).date());
        let told = Told { as_of, ..handing.told.clone() };
        documents::read(path, &told, &mut kept, &mut reading);
        if kept.knowledge > 0 {
            note(&format!(
                "{name}: {} records of world knowledge were passed over; `exposome feeds load` takes them",
                kept.knowledge
            ));
        }
        kept.sheets.retain(|sheet| match self.is_elsewhere(sheet) {
            Some(complaint) => {
                reading.complaints.push(complaint);
                false
            }
            None => true,
        });
        if handing.aloud != Aloud::Nothing {
            reading.show_complaints(if handing.dry_run { usize::MAX } else { 20 });
        }
        if let (Some(path), Some(columns)) = (&handing.save_map, &kept.columns) {
            std::fs::write(path, columns.to_toml())
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        let refused = reading.refused();
        let Kept { sheets, format, columns, observed_at, .. } = kept;
        let complaints = reading.complaints;
        let bills = Vec::new();
        Ok(Said { sheets, complaints, refused, format, columns, observed_at, bills })
    }

    /// Whose record it is.
    fn site_of(&self, sheet: &Sheet) -> String {
        let named = sheet.site.as_deref().unwrap_or(&self.site);
        if named.eq_ignore_ascii_case(&self.site) { &self.site } else { named }.to_owned()
    }

    /// Why a record is not taken where it names another site than the person did.
    fn is_elsewhere(&self, sheet: &Sheet) -> Option<Complaint> {
        let site = self.site_of(sheet);
        (self.is_bound && site != self.site).then(|| {
            Complaint::refused(
                sheet.place.clone(),
                format!(
                    "{:?} is of the site {site:?} and the import is into {:?}; import the document with --site {site:?} as well, or without --site into the sites it names",
                    sheet.key, self.site
                ),
            )
        })
    }

    /// What the source says by site now: its earlier words, updated by these.
    async fn updated(
        &self,
        said: Arc<Said>,
        source: &str,
        now: Timestamp,
        outcome: &mut Imported,
        handing: &Handing,
    ) -> Result<Vec<(String, Arc<Said>)>> {
        let Said { sheets, complaints, refused, format, observed_at, .. } =
            Arc::unwrap_or_clone(said);
        let mut by_site: BTreeMap<String, Vec<Sheet>> = BTreeMap::new();
        for sheet in sheets {
            by_site.entry(self.site_of(&sheet)).or_default().push(sheet);
        }
        let mut updated = Vec::new();
        let mut complaints = Some(complaints);
        for (site, sheets) in by_site {
            if site != self.site {
                note(&format!("{} records are of the site {site:?}", sheets.len()));
            }
            let sheets = one_a_subject(sheets);
            let keys = sheets.iter().map(|sheet| sheet.key.as_str()).collect();
            let mut before = self.store.said_before(&site, source, &keys).await?;
            drop(keys);
            let lost = Lost::of(&before, &sheets);
            if !lost.is_empty() {
                outcome.lost.extend(self.why_lost_waits(&site, source, &lost, now).await?);
            }
            let mut would = Changes::default();
            let update = |sheet: Sheet| match before.remove(&sheet.key) {
                Some(earlier) if handing.dry_run => {
                    let updated = earlier.clone().updated_by(sheet);
                    // Where it stands in its document is no word on it.
                    let is_same =
                        Sheet { place: earlier.place.clone(), ..updated.clone() } == earlier;
                    *(if is_same { &mut would.unchanged } else { &mut would.changed }) += 1;
                    updated
                }
                Some(earlier) => earlier.updated_by(sheet),
                None => {
                    would.added += u64::from(handing.dry_run);
                    sheet
                }
            };
            let sheets = sheets.into_iter().map(update).collect();
            outcome.add(would);
            let complaints = complaints.take().unwrap_or_default();
            let said = Said { sheets, complaints, refused, format, observed_at, ..Said::default() };
            updated.push((site, Arc::new(said)));
        }
        Ok(updated)
    }

    /// Why what a whole list no longer names must not go without a person: the reasons, then the list.
    async fn why_lost_waits(
        &self,
        site: &str,
        source: &str,
        lost: &[Lost],
        now: Timestamp,
    ) -> Result<Vec<String>> {
        let claims = self.store.claims(site, now).await?;
        let people = exposome_site::people(self.store, site, now).await?;
        let of_source = claims.iter().filter(|claim| claim.source == source);
        let total: usize = of_source.map(|claim| claim.sheet.components.len()).sum();
        let count: usize = lost.iter().map(|it| it.products.len()).sum();
        let keys = lost.iter().map(|it| it.key.as_str()).collect();
        let gated = self.gated(&claims, &people, source, &keys).len();
        let mut why = Vec::new();
        if gated > 0 {
            why.push(format!("something would be gone from {gated} gated devices"));
        }
        if count * 20 > total {
            why.push(format!("{count} of {total} installed things would be gone, more than 5 %"));
        }
        if !why.is_empty() {
            why.extend(lost.iter().map(|it| {
                format!("  no longer installed on {}: {}", it.key, it.products.join(", "))
            }));
        }
        Ok(why)
    }

    /// Which of a source's subjects are gated devices, by what all sources say of them.
    fn gated(
        &self,
        claims: &[Claim],
        people: &People,
        source: &str,
        keys: &BTreeSet<&str>,
    ) -> BTreeSet<String> {
        let mut gated = BTreeSet::new();
        for asset in identify(claims, people).assets {
            let of_asset: Vec<&str> = asset
                .claims(claims)
                .filter(|it| it.source == source && keys.contains(it.sheet.key.as_str()))
                .map(|it| it.sheet.key.as_str())
                .collect();
            if of_asset.is_empty() {
                continue;
            }
            if is_gated(category_of(&asset, claims, people, self.rules)) {
                gated.extend(of_asset.into_iter().map(str::to_owned));
            }
        }
        gated
    }

    /// Writes the documents that wait, those of a site in one transaction.
    async fn write(&mut self) -> Result<()> {
        let mut by_site: BTreeMap<String, Vec<Waiting>> = BTreeMap::new();
        for waiting in std::mem::take(&mut self.waiting) {
            by_site.entry(waiting.document.site.clone()).or_default().push(waiting);
        }
        for waiting in by_site.into_values() {
            self.write_site(waiting).await?;
        }
        Ok(())
    }

    async fn write_site(&mut self, waiting: Vec<Waiting>) -> Result<()> {
        let deliveries: Vec<Delivery<'_>> = waiting.iter().map(Waiting::delivery).collect();
        let taken = self.store.import_all(&deliveries).await?;
        drop(deliveries);
        for (Waiting { said, outcome, reusable, .. }, taken) in waiting.into_iter().zip(taken) {
            if let Some(outcome) = self.outcomes.get_mut(outcome) {
                outcome.add(taken.changes);
            }
            // A table of thousands is not sent twice; a bill of materials is.
            if let (Some(content), Some(mut said)) = (reusable, Arc::into_inner(said)) {
                said.sheets.iter_mut().for_each(|sheet| sheet.components = Vec::new());
                said.bills = taken.bills;
                self.before.insert(content, Arc::new(said));
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
        handing: &Handing,
    ) -> Result<Imported> {
        let recorded_at = self.recorder.next();
        let observed_at = handing.observed.unwrap_or(recorded_at);
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
        let (changes, complaints) = self.store.import_again(&document).await?;
        let reading = Reading { complaints, ..Reading::default() };
        if handing.aloud != Aloud::Nothing {
            reading.show_complaints(20);
        }
        let refused = reading.refused();
        let doubtful = reading.complaints.len() - refused;
        let records = usize::try_from(changes.unchanged).unwrap_or(usize::MAX);
        let said = Said { format: "as before", complaints: reading.complaints, ..Said::default() };
        let outcome = Imported::of(&said, &name, &source);
        Ok(Imported { records, changes, refused, doubtful, ..outcome })
    }

    /// What sources named before inside the scopes and name in none of the documents.
    async fn gone(&mut self, files: &[PathBuf], handing: &Handing) -> Result<Gone> {
        let now = self.recorder.next();
        let mut gone = Gone::default();
        let mut named: BTreeMap<String, Named> = BTreeMap::new();
        for path in files {
            let source = handing.source_of(&name_of(path));
            let names = named.entry(source).or_default();
            let mut reading = Reading::default();
            let before = names.count;
            let mut naming = Naming { importing: self, names };
            documents::read(path, &handing.told, &mut naming, &mut reading);
            gone.records.push(names.count - before);
            names.refused += reading.refused();
        }
        for (source, names) in named {
            for (site, keys) in names.keys {
                let claims = self.store.claims(&site, now).await?;
                let people = exposome_site::people(self.store, &site, now).await?;
                let of_source: Vec<&Claim> =
                    claims.iter().filter(|claim| claim.source == source).collect();
                let is_left = |sheet: &&Sheet| {
                    handing.scopes.iter().any(|scope| scope.holds(sheet))
                        && !keys.contains(sheet.key.as_str())
                        && sheet.first(Attribute::Lifecycle) != Some(NOT_SEEN)
                };
                let left: Vec<&Sheet> =
                    of_source.iter().map(|claim| &claim.sheet).filter(is_left).collect();
                if left.is_empty() {
                    continue;
                }
                let keys = left.iter().map(|sheet| sheet.key.as_str()).collect();
                let gated = self.gated(&claims, &people, &source, &keys).len();
                if gated > 0 {
                    gone.why_held.push(format!("{gated} gated devices would count as not seen"));
                }
                let (count, total) = (left.len(), of_source.len());
                if count * 20 > total {
                    gone.why_held.push(format!(
                        "{count} of {total} records would count as not seen, more than 5 %"
                    ));
                }
                if names.refused > 0 {
                    gone.why_held.push(format!(
                        "{} records were refused, so that the documents are not complete",
                        names.refused
                    ));
                }
                let sheets = left.into_iter().cloned().map(not_seen).collect();
                gone.sheets.insert((source.clone(), site), sheets);
            }
        }
        Ok(gone)
    }

    /// Notes as not seen what the documents no longer name.
    async fn close(&mut self, gone: Gone, handing: &Handing) -> Result<()> {
        for ((source, site), sheets) in gone.sheets {
            let last = self.outcomes.iter().rposition(|it| it.source == source);
            let Some(outcome) = last else { continue };
            let Some(last) = self.outcomes.get_mut(outcome) else { continue };
            if last.held {
                // Its source waits for a person as a whole.
                continue;
            }
            last.not_seen += sheets.len();
            let name = last.document.clone();
            self.write().await?;
            let recorded_at = self.recorder.next();
            let format = "no longer named".to_owned();
            let digest = short_digest(&[source.as_bytes(), format.as_bytes()].concat());
            let observed_at = handing.observed.unwrap_or(recorded_at);
            let document =
                ImportDocument { site, source, name, format, digest, observed_at, recorded_at };
            let said = Arc::new(Said { sheets, ..Said::default() });
            self.waiting.push(Waiting { document, said, outcome, reusable: None });
        }
        Ok(())
    }
}

/// A file's name is its source's: files of one name are one source, the later updating the earlier.
fn say_shared_names(files: &[PathBuf]) {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in files {
        places.entry(name_of(path)).or_default().push(path.display().to_string());
    }
    for (name, places) in places.iter().filter(|(_, places)| places.len() > 1) {
        note(&format!(
            "{} are taken for one source, {name}; import them one by one with --source where they are of different ones",
            places.join(" and ")
        ));
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A document that describes a subject twice says one thing of it, the later words last.
fn one_a_subject(sheets: Vec<Sheet>) -> Vec<Sheet> {
    let mut places: HashMap<String, usize> = HashMap::with_capacity(sheets.len());
    let mut one: Vec<Sheet> = Vec::with_capacity(sheets.len());
    for sheet in sheets {
        let place = *places.entry(sheet.key.clone()).or_insert(one.len());
        match one.get_mut(place) {
            Some(earlier) => *earlier = std::mem::take(earlier).updated_by(sheet),
            None => one.push(sheet),
        }
    }
    one
}

/// What a list that is whole no longer names of a subject.
struct Lost {
    key: String,
    products: Vec<String>,
}

impl Lost {
    fn of(before: &BTreeMap<String, Sheet>, sheets: &[Sheet]) -> Vec<Lost> {
        let lost = |sheet: &Sheet| {
            let lost = before.get(&sheet.key)?.lost_to(sheet);
            let products = lost.into_iter().map(exposome_engine::assess::in_words).collect();
            Some(Lost { key: sheet.key.clone(), products })
        };
        sheets.iter().filter_map(lost).filter(|it| !it.products.is_empty()).collect()
    }
}

/// Whom the documents of a source name, by site.
#[derive(Default)]
struct Named {
    keys: BTreeMap<String, BTreeSet<String>>,
    count: usize,
    refused: usize,
}

struct Naming<'a, 'b> {
    importing: &'a Importing<'b>,
    names: &'a mut Named,
}

impl Taker for Naming<'_, '_> {
    fn record(&mut self, _record: Record) {}

    fn scores(&mut self, _table: EpssTable) {}

    fn sheet(&mut self, sheet: Sheet) {
        self.names.count += 1;
        if self.importing.is_elsewhere(&sheet).is_some() {
            self.names.refused += 1;
            return;
        }
        let site = self.importing.site_of(&sheet);
        self.names.keys.entry(site).or_default().insert(sheet.key);
    }
}

impl Handing {
    fn source_of(&self, name: &str) -> String {
        if self.source.is_empty() { name.to_owned() } else { self.source.clone() }
    }

    /// Nobody said anything that lets the same bytes mean something else.
    fn is_plain(&self) -> bool {
        self.scopes.is_empty() && !self.dry_run && self.save_map.is_none()
    }
}

/// What complete documents no longer name.
#[derive(Default)]
struct Gone {
    /// By source and site.
    sheets: BTreeMap<(String, String), Vec<Sheet>>,
    why_held: Vec<String>,
    /// How many records each document has.
    records: Vec<usize>,
}

impl Gone {
    /// The list for a person to look at; what every document came to.
    fn held(self, files: &[PathBuf], handing: &Handing) -> Vec<Imported> {
        let why = self.why_held.join("; ");
        note(&format!(
            "held, nothing was written: {why}. Look at the list, then repeat with --confirm:"
        ));
        let mut outcomes: Vec<Imported> = Vec::new();
        for (path, records) in files.iter().zip(self.records) {
            let name = name_of(path);
            let outcome = Imported::of(&Said::default(), &name, &handing.source_of(&name));
            let lost = self.why_held.clone();
            outcomes.push(Imported { records, lost, held: true, ..outcome });
        }
        for ((source, _), sheets) in self.sheets {
            let lines = sheets.iter().map(|sheet| format!("  no longer named: {}", sheet.key));
            let lines: Vec<String> = lines.collect();
            for line in &lines {
                note(line);
            }
            if let Some(last) = outcomes.iter_mut().rfind(|it| it.source == source) {
                last.not_seen += sheets.len();
                last.lost.extend(lines);
            }
        }
        outcomes
    }
}

/// The source's new word on a subject it no longer names.  What it said of it stands: what is not seen is not fixed.
fn not_seen(mut sheet: Sheet) -> Sheet {
    sheet.attributes.retain(|(attribute, _)| *attribute != Attribute::Lifecycle);
    sheet.attributes.push((Attribute::Lifecycle, NOT_SEEN.to_owned()));
    sheet
}

/// For which subjects a document is complete.
#[derive(serde::Serialize)]
pub(crate) enum Scope {
    All,
    Where { attribute: Attribute, value: String },
}

impl Scope {
    pub(crate) fn read(text: &str) -> Result<Scope> {
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
    fn of(said: &Said, name: &str, source: &str) -> Imported {
        Imported {
            document: name.to_owned(),
            source: source.to_owned(),
            format: said.format,
            records: said.sheets.len(),
            changes: Changes::default(),
            not_seen: 0,
            refused: said.refused,
            doubtful: said.complaints.len() - said.refused,
            lost: Vec::new(),
            held: false,
            complaints: said.complaints.iter().take(COMPLAINTS).cloned().collect(),
            columns: said.columns.clone(),
        }
    }

    /// For whoever asked the server.
    pub(crate) fn tell(self, to: &mut errands::Imported) {
        to.complaints.extend(self.complaints.into_iter().map(|it| errands::Complained {
            document: self.document.clone(),
            place: it.place,
            words: it.message,
            refused: it.weight == Weight::Refused,
        }));
        if let Some(columns) = self.columns {
            let known = columns.columns.into_iter().map(|(it, field)| (it, Some(field.name())));
            let unknown = columns.unknown.into_iter().map(|it| (it, None));
            let headings = known.chain(unknown);
            to.columns =
                headings.map(|(heading, says)| errands::Heading { heading, says }).collect();
        }
        to.documents.push(errands::ImportedDocument {
            document: self.document,
            source: self.source,
            format: self.format.to_owned(),
            records: self.records as u64,
            added: self.changes.added,
            changed: self.changes.changed,
            unchanged: self.changes.unchanged,
            not_seen: self.not_seen as u64,
            refused: self.refused as u64,
            doubtful: self.doubtful as u64,
            held: self.held,
            takes_away: self.lost,
        });
    }

    fn add(&mut self, changes: Changes) {
        self.changes.added += changes.added;
        self.changes.changed += changes.changed;
        self.changes.unchanged += changes.unchanged;
        self.changes.removed += changes.removed;
    }

    fn hold(&mut self) {
        note(&format!(
            "{}: held, nothing was written. Look at the list, then repeat with --confirm:",
            self.document
        ));
        self.lost.iter().for_each(|line| note(line));
        self.held = true;
    }

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

#[derive(Default)]
struct Kept {
    sheets: Vec<Sheet>,
    format: &'static str,
    observed_at: Option<Timestamp>,
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

    fn observed(&mut self, at: Timestamp) {
        self.observed_at = Some(at);
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
