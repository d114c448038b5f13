//! What sources say of a hospital's own things.  `site` leads every key.

use crate::block::{self, Packer};
use crate::bulk::{Table, Value, insert};
use crate::pack::{pack_ascending, unpack_ascending};
use crate::{
    Changes, Error, Link, ShortDigest, Store, each_row, json, micros, moment, short_digest,
    short_digest_of,
};
use exposome_model::claim::Claim;
use exposome_model::event::Anchor;
use exposome_model::inventory::{Attribute, Component, ComponentKind, ScannerFinding, Sheet};
use exposome_model::reading::Complaint;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, hash_map};

/// An inventory document as it was imported.
#[derive(Debug, Clone)]
pub struct ImportDocument {
    pub site: String,
    /// The source's name as the hospital calls it.
    pub source: String,
    pub name: String,
    pub format: String,
    pub digest: ShortDigest,
    /// When what it says was true.
    pub observed_at: jiff::Timestamp,
    pub recorded_at: jiff::Timestamp,
}

/// One line of the list of imports.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ImportState {
    pub source: String,
    pub name: String,
    pub format: String,
    pub recorded_at: jiff::Timestamp,
    pub changes: Changes,
    pub complaints: Vec<Complaint>,
}

/// A document on its way into the store.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    pub document: &'a ImportDocument,
    pub sheets: &'a [Sheet],
    pub complaints: &'a [Complaint],
    /// The bills of the sheets where the same bytes have come before ([`Taken::bills`]), which then need not carry
    /// components; empty where they have not.
    pub bills: &'a [Option<ShortDigest>],
}

/// What taking a document in came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    pub changes: Changes,
    /// Of each sheet, what is installed.
    pub bills: Vec<Option<ShortDigest>>,
}

const SHEET: Table = Table {
    name: "sheet",
    columns: &["site", "source", "subject", "recorded_at", "observed_at", "digest", "bill", "body"],
};
pub(crate) const COMPONENT_BLOCK: Table =
    Table { name: "component_block", columns: &["site", "first", "digests", "bodies"] };
const BILL: Table = Table { name: "bill", columns: &["site", "digest", "components"] };
const SEEN: Table =
    Table { name: "seen", columns: &["site", "source", "subject", "day", "recorded_at"] };
const IMPORT: Table = Table {
    name: "import",
    columns: &[
        "site",
        "recorded_at",
        "source",
        "name",
        "observed_at",
        "format",
        "digest",
        "added",
        "changed",
        "unchanged",
        "complaints",
    ],
};

impl Store {
    /// The digest of the last document that a source gave; a source without one has said nothing yet.
    pub async fn last_import(
        &self,
        site: &str,
        source: &str,
    ) -> Result<Option<ShortDigest>, Error> {
        let mut reading = self.read().await?;
        let mut newest: Option<Vec<u8>> = None;
        each_row!(reading.link(), "SELECT digest FROM import WHERE site = $1 AND source = $2 ORDER BY recorded_at DESC LIMIT 1", [site, source], |(digest,) in (Vec<u8>,)| {
            newest = Some(digest);
        });
        newest.map(|newest| short(&newest)).transpose()
    }

    /// Imports the sheets of one document in one transaction.  A sheet that says what its source said before
    /// writes nothing but the day it was seen again.
    pub async fn import(
        &self,
        document: &ImportDocument,
        sheets: &[Sheet],
        complaints: &[Complaint],
    ) -> Result<Changes, Error> {
        let delivery = Delivery { document, sheets, complaints, bills: &[] };
        let taken = self.import_all(&[delivery]).await?;
        Ok(taken.first().map(|taken| taken.changes).unwrap_or_default())
    }

    /// Imports documents of one site, each of another source, in one transaction.
    pub async fn import_all(&self, deliveries: &[Delivery<'_>]) -> Result<Vec<Taken>, Error> {
        let Some(site) = deliveries.first().map(|first| first.document.site.as_str()) else {
            return Ok(Vec::new());
        };
        let mut writing = self.write(site).await?;
        let learned = self.known.lock().ok().and_then(|mut it| it.remove(site));
        let mut bills = Bills::read(writing.link(), site, learned.unwrap_or_default()).await?;
        bills.expect(deliveries);
        let (mut rows, mut seen, mut imports) = (Rows::new(), Rows::new(), Rows::new());
        let mut taken = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            let Delivery { document, sheets, complaints, .. } = delivery;
            let known = known_sheets(writing.link(), document).await?;
            let mut written = Written::default();
            for (place, sheet) in sheets.iter().enumerate() {
                rows.extend(written.row(delivery, place, sheet, &known, &mut bills));
                if rows.len() == ROWS_AT_A_TIME {
                    insert(writing.link(), SHEET, std::mem::take(&mut rows)).await?;
                }
            }
            seen.extend(seen_rows(writing.link(), document, written.seen).await?);
            imports.push(import_row(document, written.changes, complaints));
            taken.push(Taken { changes: written.changes, bills: written.bills });
        }
        let learned = bills.write(writing.link(), site).await?;
        insert(writing.link(), SHEET, rows).await?;
        insert(writing.link(), SEEN, seen).await?;
        insert(writing.link(), IMPORT, imports).await?;
        writing.commit().await?;
        // Only now: what a lost transaction learned is not so.
        if let Ok(mut known) = self.known.lock() {
            known.insert(site.to_owned(), learned);
        }
        Ok(taken)
    }

    /// The very document that its source gave last, again: everything in it was seen again, and nothing is new.
    /// What was wrong with it is wrong with it still: the complaints are given back.
    pub async fn import_again(
        &self,
        document: &ImportDocument,
    ) -> Result<(Changes, Vec<Complaint>), Error> {
        let mut writing = self.write(&document.site).await?;
        let mut last = (0, 0, String::from("[]"));
        each_row!(writing.link(), "SELECT recorded_at, observed_at, complaints FROM import WHERE site = $1 AND source = $2 ORDER BY recorded_at DESC LIMIT 1", [&document.site, &document.source], |(recorded_at, observed_at, complaints) in (i64, i64, String)| {
            last = (recorded_at, observed_at, complaints);
        });
        let (recorded_at, observed_at, complaints) = last;
        let damaged =
            |_| Error::Damaged { what: "list of complaints", record: document.name.clone() };
        let complaints: Vec<Complaint> = serde_json::from_str(&complaints).map_err(damaged)?;
        let mut subjects: BTreeSet<String> = BTreeSet::new();
        each_row!(writing.link(), "SELECT subject FROM sheet WHERE site = $1 AND source = $2 AND recorded_at = $3", [&document.site, &document.source, recorded_at], |(subject,) in (String,)| {
            subjects.insert(subject);
        });
        each_row!(writing.link(), "SELECT subject FROM seen WHERE site = $1 AND source = $2 AND day = $3", [&document.site, &document.source, observed_at.div_euclid(MICROS_A_DAY)], |(subject,) in (String,)| {
            subjects.insert(subject);
        });
        let changes = Changes { unchanged: subjects.len() as u64, ..Changes::default() };
        let subjects = subjects.iter().map(String::as_str).collect();
        let seen = seen_rows(writing.link(), document, subjects).await?;
        insert(writing.link(), SEEN, seen).await?;
        insert(writing.link(), IMPORT, vec![import_row(document, changes, &complaints)]).await?;
        writing.commit().await?;
        Ok((changes, complaints))
    }

    /// The claims of a site as recorded up to a moment: of each source the newest word on each subject, ordered by
    /// source and subject.
    pub async fn claims(&self, site: &str, as_of: jiff::Timestamp) -> Result<Vec<Claim>, Error> {
        let mut reading = self.read().await?;
        let seen = last_seen(reading.link(), site, as_of).await?;
        let components = components(reading.link(), site).await?;
        let bills = bills(reading.link(), site, &components).await?;
        let mut claims: Vec<Claim> = Vec::new();
        each_row!(reading.link(), "SELECT source, subject, recorded_at, observed_at, bill, body FROM sheet WHERE site = $1 AND recorded_at <= $2 ORDER BY source, subject, recorded_at", [site, micros(as_of)], |(source, subject, recorded_at, observed_at, bill, body) in (String, String, i64, i64, Option<Vec<u8>>, String)| {
            let damaged = || Error::Damaged { what: "claim", record: format!("{source} {subject}") };
            let mut sheet: Sheet = serde_json::from_str(&body).map_err(|_| damaged())?;
            if let Some(bill) = bill {
                sheet.components.clone_from(bills.get(&bill).ok_or_else(damaged)?);
            }
            let mut observed_at = moment(observed_at)?;
            if let Some(day) = seen.get(&(source.clone(), subject)) {
                observed_at = observed_at.max(*day);
            }
            let recorded_at = moment(recorded_at)?;
            let claim = Claim { site: site.to_owned(), source, observed_at, first_recorded_at: recorded_at, recorded_at, sheet };
            match claims.last_mut().filter(|last| last.source == claim.source && last.sheet.key == claim.sheet.key) {
                Some(last) => *last = Claim { first_recorded_at: last.first_recorded_at, ..claim },
                None => claims.push(claim),
            }
        });
        Ok(claims)
    }

    /// What sources said of single subjects, as recorded up to a moment: their newest words, without what is
    /// installed.
    pub async fn claims_of(
        &self,
        site: &str,
        subjects: &[(String, String)],
        as_of: jiff::Timestamp,
    ) -> Result<Vec<Claim>, Error> {
        let words = self.words_of(site, subjects, as_of).await?;
        Ok(words.into_iter().map(|(claim, _)| claim).collect())
    }

    /// The same by what names each word, with what is installed.
    pub async fn whole_claims_at(
        &self,
        site: &str,
        anchors: &[Anchor],
        as_of: jiff::Timestamp,
    ) -> Result<Vec<Claim>, Error> {
        let words = self.words_of(site, &subjects(anchors), as_of).await?;
        let wanted: BTreeSet<&[u8]> = words.iter().filter_map(|it| it.1.as_deref()).collect();
        let mut reading = self.read().await?;
        let bills = some_bills(reading.link(), site, &wanted).await?;
        let whole = |(mut claim, bill): (Claim, Option<Vec<u8>>)| {
            if let Some(bill) = bill {
                let damaged = || Error::Damaged { what: "bill", record: claim.sheet.key.clone() };
                claim.sheet.components.clone_from(bills.get(&bill).ok_or_else(damaged)?);
            }
            Ok(claim)
        };
        words.into_iter().map(whole).collect()
    }

    /// The newest words of sources on single subjects, and the digest of what each says is installed.
    async fn words_of(
        &self,
        site: &str,
        subjects: &[(String, String)],
        as_of: jiff::Timestamp,
    ) -> Result<Vec<(Claim, Option<Vec<u8>>)>, Error> {
        let at = micros(as_of);
        let day = at.div_euclid(MICROS_A_DAY);
        let mut reading = self.read().await?;
        let mut claims = Vec::new();
        for (source, subject) in subjects {
            let damaged =
                || Error::Damaged { what: "claim", record: format!("{source} {subject}") };
            let mut seen: Option<i64> = None;
            each_row!(reading.link(), "SELECT MAX(day) FROM seen WHERE site = $1 AND source = $2 AND subject = $3 AND day <= $4 AND recorded_at <= $5", [site, source, subject, day, at], |(day,) in (Option<i64>,)| {
                seen = day;
            });
            let seen = seen.map(|day| moment(day * MICROS_A_DAY)).transpose()?;
            let mut first: Option<i64> = None;
            each_row!(reading.link(), "SELECT MIN(recorded_at) FROM sheet WHERE site = $1 AND source = $2 AND subject = $3", [site, source, subject], |(recorded_at,) in (Option<i64>,)| {
                first = recorded_at;
            });
            each_row!(reading.link(), "SELECT recorded_at, observed_at, bill, body FROM sheet WHERE site = $1 AND source = $2 AND subject = $3 AND recorded_at <= $4 ORDER BY recorded_at DESC LIMIT 1", [site, source, subject, at], |(recorded_at, observed_at, bill, body) in (i64, i64, Option<Vec<u8>>, String)| {
                let sheet: Sheet = serde_json::from_str(&body).map_err(|_| damaged())?;
                let observed_at = seen.into_iter().fold(moment(observed_at)?, jiff::Timestamp::max);
                let first_recorded_at = moment(first.unwrap_or(recorded_at))?;
                claims.push((Claim { site: site.to_owned(), source: source.clone(), observed_at, first_recorded_at, recorded_at: moment(recorded_at)?, sheet }, bill));
            });
        }
        Ok(claims)
    }

    /// The same by what names each word.
    pub async fn claims_at(
        &self,
        site: &str,
        anchors: &[Anchor],
        as_of: jiff::Timestamp,
    ) -> Result<Vec<Claim>, Error> {
        self.claims_of(site, &subjects(anchors), as_of).await
    }

    /// What a source last said of each of some subjects, with what is installed; subjects it never spoke of are left
    /// out.
    pub async fn said_before(
        &self,
        site: &str,
        source: &str,
        subjects: &BTreeSet<&str>,
    ) -> Result<BTreeMap<String, Sheet>, Error> {
        let mut reading = self.read().await?;
        let mut newest: BTreeMap<String, (Option<Vec<u8>>, String)> = BTreeMap::new();
        if subjects.len() > MANY {
            each_row!(reading.link(), "SELECT subject, bill, body FROM sheet WHERE site = $1 AND source = $2 ORDER BY subject, recorded_at", [site, source], |(subject, bill, body) in (String, Option<Vec<u8>>, String)| {
                if subjects.contains(subject.as_str()) {
                    newest.insert(subject, (bill, body));
                }
            });
        } else {
            for subject in subjects {
                each_row!(reading.link(), "SELECT bill, body FROM sheet WHERE site = $1 AND source = $2 AND subject = $3 ORDER BY recorded_at DESC LIMIT 1", [site, source, *subject], |(bill, body) in (Option<Vec<u8>>, String)| {
                    newest.insert((*subject).to_owned(), (bill, body));
                });
            }
        }
        let wanted: BTreeSet<&[u8]> =
            newest.values().filter_map(|(bill, _)| bill.as_deref()).collect();
        let bills = some_bills(reading.link(), site, &wanted).await?;
        let mut sheets = BTreeMap::new();
        for (subject, (bill, body)) in newest {
            let damaged =
                || Error::Damaged { what: "claim", record: format!("{source} {subject}") };
            let mut sheet: Sheet = serde_json::from_str(&body).map_err(|_| damaged())?;
            if let Some(bill) = bill {
                sheet.components.clone_from(bills.get(&bill).ok_or_else(damaged)?);
            }
            sheets.insert(subject, sheet);
        }
        Ok(sheets)
    }

    /// The sites that have said anything.
    pub async fn sites(&self) -> Result<Vec<String>, Error> {
        let mut reading = self.read().await?;
        let mut sites = Vec::new();
        each_row!(reading.link(), "SELECT DISTINCT site FROM import ORDER BY site", [], |(site,) in (String,)| {
            sites.push(site);
        });
        Ok(sites)
    }

    /// Every import of a site, oldest first.
    pub async fn imports(&self, site: &str) -> Result<Vec<ImportState>, Error> {
        let mut reading = self.read().await?;
        let mut imports = Vec::new();
        each_row!(reading.link(), "SELECT source, name, format, recorded_at, added, changed, unchanged, complaints FROM import WHERE site = $1 ORDER BY recorded_at, source", [site], |(source, name, format, recorded_at, added, changed, unchanged, complaints) in (String, String, String, i64, i64, i64, i64, String)| {
            let damaged = |_| Error::Damaged { what: "list of complaints", record: name.clone() };
            let complaints = serde_json::from_str(&complaints).map_err(damaged)?;
            let changes = Changes { added: added.cast_unsigned(), changed: changed.cast_unsigned(), unchanged: unchanged.cast_unsigned(), removed: 0 };
            imports.push(ImportState { source, name, format, recorded_at: moment(recorded_at)?, changes, complaints });
        });
        Ok(imports)
    }
}

/// The digest of the newest sheet of each subject of the document's source.
async fn known_sheets(
    link: Link<'_>,
    document: &ImportDocument,
) -> Result<HashMap<String, Vec<u8>>, Error> {
    let mut known = HashMap::new();
    each_row!(link, "SELECT subject, digest FROM sheet WHERE site = $1 AND source = $2 ORDER BY subject, recorded_at", [&document.site, &document.source], |(subject, digest) in (String, Vec<u8>)| {
        known.insert(subject, digest);
    });
    Ok(known)
}

type Rows = Vec<Vec<Value>>;

/// So many sheets are held as rows before they are written.
const ROWS_AT_A_TIME: usize = 1_024;

/// What a document comes to.
#[derive(Default)]
struct Written<'a> {
    subjects: HashSet<&'a str>,
    /// Subjects of which it says nothing new.
    seen: Vec<&'a str>,
    changes: Changes,
    bills: Vec<Option<ShortDigest>>,
}

impl<'a> Written<'a> {
    /// The row of a sheet that says something new.
    fn row(
        &mut self,
        delivery: &Delivery<'_>,
        place: usize,
        sheet: &'a Sheet,
        known: &HashMap<String, Vec<u8>>,
        bills: &mut Bills<'a>,
    ) -> Option<Vec<Value>> {
        let bill = match delivery.bills.get(place) {
            Some(known) => *known,
            None => (!sheet.components.is_empty()).then(|| bills.add(&sheet.components)),
        };
        self.bills.push(bill);
        // A document that describes a subject twice: the first stands (the reader has complained).
        if !self.subjects.insert(&sheet.key) {
            return None;
        }
        let body = json::text(&Body::of(sheet));
        let digest = short_digest_of(&[body.as_bytes(), bill.as_ref().map_or(&[], |bill| bill)]);
        match known.get(&sheet.key) {
            Some(known) if *known == digest => {
                self.changes.unchanged += 1;
                self.seen.push(sheet.key.as_str());
                return None;
            }
            Some(_) => self.changes.changed += 1,
            None => self.changes.added += 1,
        }
        let document = delivery.document;
        Some(vec![
            Value::Text(document.site.clone()),
            Value::Text(document.source.clone()),
            Value::Text(sheet.key.clone()),
            Value::Number(micros(document.recorded_at)),
            Value::Number(micros(document.observed_at)),
            Value::Bytes(digest.to_vec()),
            bill.map_or(Value::Null, |bill| Value::Bytes(bill.to_vec())),
            Value::Text(body),
        ])
    }
}

/// A sheet as it is stored, to be read back as a [`Sheet`]: its components are in its bill, and where it stood in
/// its document is no claim, for a row that moved says nothing new.
#[derive(serde::Serialize)]
struct Body<'a> {
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    attributes: &'a [(Attribute, String)],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    whole: &'a [ComponentKind],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    findings: &'a [ScannerFinding],
}

impl Body<'_> {
    fn of(sheet: &Sheet) -> Body<'_> {
        let Sheet { key, site, attributes, components: _, whole, findings, place: _ } = sheet;
        Body { key, site: site.as_deref(), attributes, whole, findings }
    }
}

const MICROS_A_DAY: i64 = 86_400_000_000;

fn subjects(anchors: &[Anchor]) -> Vec<(String, String)> {
    anchors.iter().map(|it| (it.source.clone(), it.key.clone())).collect()
}

/// The rows that note on which day subjects were seen again.
async fn seen_rows(
    link: Link<'_>,
    document: &ImportDocument,
    subjects: Vec<&str>,
) -> Result<Rows, Error> {
    if subjects.is_empty() {
        return Ok(Rows::new());
    }
    let day = micros(document.observed_at).div_euclid(MICROS_A_DAY);
    let mut noted: HashSet<String> = HashSet::new();
    each_row!(link, "SELECT subject FROM seen WHERE site = $1 AND source = $2 AND day = $3", [&document.site, &document.source, day], |(subject,) in (String,)| {
        noted.insert(subject);
    });
    let row = |subject: &str| {
        vec![
            Value::Text(document.site.clone()),
            Value::Text(document.source.clone()),
            Value::Text(subject.to_owned()),
            Value::Number(day),
            Value::Number(micros(document.recorded_at)),
        ]
    };
    Ok(subjects.into_iter().filter(|subject| !noted.contains(*subject)).map(row).collect())
}

async fn last_seen(
    link: Link<'_>,
    site: &str,
    as_of: jiff::Timestamp,
) -> Result<HashMap<(String, String), jiff::Timestamp>, Error> {
    let at = micros(as_of);
    let day = at.div_euclid(MICROS_A_DAY);
    let mut seen = HashMap::new();
    each_row!(link, "SELECT source, subject, MAX(day) FROM seen WHERE site = $1 AND day <= $2 AND recorded_at <= $3 GROUP BY source, subject", [site, day, at], |(source, subject, day) in (String, String, i64)| {
        seen.insert((source, subject), moment(day * MICROS_A_DAY)?);
    });
    Ok(seen)
}

async fn components(link: Link<'_>, site: &str) -> Result<HashMap<i64, Component>, Error> {
    let mut components = HashMap::new();
    each_row!(link, "SELECT first, bodies FROM component_block WHERE site = $1", [site], |(first, bodies) in (i64, Vec<u8>)| {
        for (id, body) in (first..).zip(block::bodies(&bodies)?.lines()) {
            components.insert(id, component(id, body)?);
        }
    });
    Ok(components)
}

fn component(id: i64, body: &str) -> Result<Component, Error> {
    let damaged = |_| Error::Damaged { what: "component", record: id.to_string() };
    serde_json::from_str(body).map_err(damaged)
}

/// Some components of a site; their ids ascend.
async fn some_components(
    mut link: Link<'_>,
    site: &str,
    wanted: &BTreeSet<i64>,
) -> Result<HashMap<i64, Component>, Error> {
    let mut components = HashMap::new();
    let mut wanted = wanted.iter().copied().peekable();
    while let Some(&id) = wanted.peek() {
        let (mut first, mut bodies) = (0, Vec::new());
        each_row!(link.again(), "SELECT first, bodies FROM component_block WHERE site = $1 AND first <= $2 ORDER BY first DESC LIMIT 1", [site, id], |block in (i64, Vec<u8>)| {
            (first, bodies) = block;
        });
        for (id, body) in (first..).zip(block::bodies(&bodies)?.lines()) {
            if wanted.next_if_eq(&id).is_some() {
                components.insert(id, component(id, body)?);
            }
        }
        if wanted.peek() == Some(&id) {
            return Err(Error::Damaged { what: "component", record: id.to_string() });
        }
    }
    Ok(components)
}

async fn bills(
    link: Link<'_>,
    site: &str,
    components: &HashMap<i64, Component>,
) -> Result<HashMap<Vec<u8>, Vec<Component>>, Error> {
    let mut bills = HashMap::new();
    each_row!(link, "SELECT digest, components FROM bill WHERE site = $1", [site], |(digest, packed) in (Vec<u8>, Vec<u8>)| {
        let ids = unpack_ascending(&packed).unwrap_or_default();
        let listed: Option<Vec<Component>> = ids.iter().map(|id| components.get(id).cloned()).collect();
        let listed = listed.filter(|listed| !listed.is_empty());
        bills.insert(digest, listed.ok_or_else(|| Error::Damaged { what: "bill", record: site.to_owned() })?);
    });
    Ok(bills)
}

/// Some bills of a site, by their digests.
async fn some_bills(
    mut link: Link<'_>,
    site: &str,
    wanted: &BTreeSet<&[u8]>,
) -> Result<HashMap<Vec<u8>, Vec<Component>>, Error> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    if wanted.len() > MANY {
        let components = components(link.again(), site).await?;
        return bills(link, site, &components).await;
    }
    let mut packed_bills: Vec<(Vec<u8>, Vec<i64>)> = Vec::new();
    for digest in wanted {
        each_row!(link.again(), "SELECT digest, components FROM bill WHERE site = $1 AND digest = $2", [site, *digest], |(digest, packed) in (Vec<u8>, Vec<u8>)| {
            let damaged = || Error::Damaged { what: "bill", record: site.to_owned() };
            packed_bills.push((digest, unpack_ascending(&packed).ok_or_else(damaged)?));
        });
    }
    let ids: BTreeSet<i64> = packed_bills.iter().flat_map(|(_, ids)| ids).copied().collect();
    let components = some_components(link, site, &ids).await?;
    let listed = |(digest, ids): (Vec<u8>, Vec<i64>)| {
        let components: Option<Vec<Component>> =
            ids.iter().map(|id| components.get(id).cloned()).collect();
        let damaged = || Error::Damaged { what: "bill", record: site.to_owned() };
        Ok((digest, components.ok_or_else(damaged)?))
    };
    packed_bills.into_iter().map(listed).collect()
}

/// Components and bills of a site that are in the store, by content.
#[derive(Debug, Default)]
pub(crate) struct Known {
    ids: HashMap<ShortDigest, i64, foldhash::fast::RandomState>,
    /// The highest of the ids: they are given in order, so whatever is newer is above it.
    last: i64,
    /// Some of the bills.
    bills: HashSet<ShortDigest>,
}

/// What is known, and what documents add to it.
struct Bills<'a> {
    known: Known,
    /// What the documents at hand have named so far.  Bills have most of their components in common, and writing one
    /// down for its digest costs many times this look.
    named: HashMap<&'a Component, i64, foldhash::fast::RandomState>,
    fresh: Vec<ComponentBlock>,
    /// The component at hand, as JSON.
    body: Vec<u8>,
    unstored: BTreeMap<ShortDigest, Vec<u8>>,
}

/// Components whose ids follow one another.
#[derive(Default)]
pub(crate) struct ComponentBlock {
    first: i64,
    digests: Vec<u8>,
    /// JSON, a line each.
    bodies: Vec<u8>,
}

impl ComponentBlock {
    pub(crate) fn new(first: i64) -> ComponentBlock {
        ComponentBlock { first, ..ComponentBlock::default() }
    }

    pub(crate) fn push(&mut self, digest: &[u8], body: &[u8]) {
        self.digests.extend_from_slice(digest);
        self.bodies.extend_from_slice(body);
        self.bodies.push(b'\n');
    }

    pub(crate) fn len(&self) -> usize {
        self.digests.len() / size_of::<ShortDigest>()
    }

    /// As a row.
    pub(crate) fn row(self, site: &str, packer: &mut Packer) -> Vec<Value> {
        let bodies = packer.packed(&self.bodies);
        vec![
            Value::Text(site.to_owned()),
            Value::Number(self.first),
            Value::Bytes(self.digests),
            Value::Bytes(bodies),
        ]
    }
}

/// So many components make a block: one of them is read by unpacking all.
pub(crate) const COMPONENTS_A_BLOCK: usize = 1_000;

/// Above so many new bills it is quicker to read all known ones than to ask for each.
const MANY: usize = 256;

impl<'a> Bills<'a> {
    /// Catches up with what other writers have added since.
    async fn read(link: Link<'_>, site: &str, mut known: Known) -> Result<Bills<'a>, Error> {
        each_row!(link, "SELECT first, digests FROM component_block WHERE site = $1 AND first > $2 ORDER BY first", [site, known.last], |(first, digests) in (i64, Vec<u8>)| {
            for (id, digest) in (first..).zip(digests.chunks(size_of::<ShortDigest>())) {
                known.ids.insert(short(digest)?, id);
                known.last = id;
            }
        });
        Ok(Bills {
            known,
            named: HashMap::default(),
            fresh: Vec::new(),
            body: Vec::new(),
            unstored: BTreeMap::new(),
        })
    }

    /// Makes room for what documents list: to grow, every component in the table would be looked at anew.
    fn expect(&mut self, deliveries: &[Delivery<'_>]) {
        let sheets = deliveries.iter().flat_map(|delivery| delivery.sheets);
        self.named.reserve(sheets.map(|sheet| sheet.components.len()).sum());
    }

    /// The digest of the bill that lists these components.
    fn add(&mut self, components: &'a [Component]) -> ShortDigest {
        let mut ids: Vec<i64> = components.iter().map(|component| self.id_of(component)).collect();
        ids.sort_unstable();
        ids.dedup();
        let packed = pack_ascending(&ids);
        let digest = short_digest(&packed);
        if !self.known.bills.contains(&digest) {
            self.unstored.insert(digest, packed);
        }
        digest
    }

    fn id_of(&mut self, component: &'a Component) -> i64 {
        if let Some(&id) = self.named.get(component) {
            return id;
        }
        let id = self.id_by_digest(component);
        self.named.insert(component, id);
        id
    }

    fn id_by_digest(&mut self, component: &Component) -> i64 {
        self.body.clear();
        json::write(&mut self.body, component);
        let digest = short_digest(&self.body);
        let id = match self.known.ids.entry(digest) {
            hash_map::Entry::Occupied(known) => return *known.get(),
            hash_map::Entry::Vacant(new) => *new.insert(self.known.last + 1),
        };
        self.known.last = id;
        if self.fresh.last().is_none_or(|block| block.len() == COMPONENTS_A_BLOCK) {
            self.fresh.push(ComponentBlock::new(id));
        }
        if let Some(block) = self.fresh.last_mut() {
            block.push(&digest, &self.body);
        }
        id
    }

    /// Writes what is new; everything that is known then.
    async fn write(mut self, mut link: Link<'_>, site: &str) -> Result<Known, Error> {
        let of_site = || Value::Text(site.to_owned());
        let mut packer = Packer::default();
        let blocks = self.fresh.into_iter().map(|block| block.row(site, &mut packer));
        let components: Rows = blocks.collect();
        insert(link.again(), COMPONENT_BLOCK, components).await?;
        if self.unstored.len() > MANY {
            each_row!(link.again(), "SELECT digest FROM bill WHERE site = $1", [site], |(digest,) in (Vec<u8>,)| {
                self.known.bills.insert(short(&digest)?);
            });
        } else {
            for digest in self.unstored.keys() {
                each_row!(link.again(), "SELECT digest FROM bill WHERE site = $1 AND digest = $2", [site, digest.as_slice()], |(digest,) in (Vec<u8>,)| {
                    self.known.bills.insert(short(&digest)?);
                });
            }
        }
        let known = &mut self.known.bills;
        let new = self.unstored.into_iter().filter(|(digest, _)| known.insert(*digest));
        let bill = |(digest, packed): (ShortDigest, Vec<u8>)| {
            vec![of_site(), Value::Bytes(digest.to_vec()), Value::Bytes(packed)]
        };
        let bills: Rows = new.map(bill).collect();
        insert(link, BILL, bills).await?;
        Ok(self.known)
    }
}

fn short(digest: &[u8]) -> Result<ShortDigest, Error> {
    let damaged = |_| Error::Damaged { what: "digest", record: format!("{digest:02x?}") };
    ShortDigest::try_from(digest).map_err(damaged)
}

fn import_row(document: &ImportDocument, changes: Changes, complaints: &[Complaint]) -> Vec<Value> {
    let number = |count: u64| Value::Number(count.cast_signed());
    vec![
        Value::Text(document.site.clone()),
        Value::Number(micros(document.recorded_at)),
        Value::Text(document.source.clone()),
        Value::Text(document.name.clone()),
        Value::Number(micros(document.observed_at)),
        Value::Text(document.format.clone()),
        Value::Bytes(document.digest.to_vec()),
        number(changes.added),
        number(changes.changed),
        number(changes.unchanged),
        Value::Text(json::text(&complaints)),
    ]
}
