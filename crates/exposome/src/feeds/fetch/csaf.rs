//! Advisories from a CSAF provider: a folder with a list of changes, or a ROLIE feed.
//!
//! Each document is checked against the checksum that lies beside it (CSAF 2.0,
//! section 7.1.18); one that does not fit leaves ours in its place and is named.
//! A document that has left the list stays here: leaving a list is not a fix.

use super::{Error, Visit, download};
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use url::Url;

/// One document in a provider's list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Listed {
    /// Below our folder.
    name: String,
    address: Url,
    /// Where its checksum lies, if the list says.
    checksum: Option<Url>,
    /// When it was last changed, as the list says it.
    stamp: Option<String>,
}

const CHANGES: &str = "changes.csv";
const INDEX: &str = "index.txt";
const LIST_CAP_BYTES: u64 = 64 << 20;
/// After so many failures in a row the rest would fail as well.
const GIVE_UP_AFTER: usize = 10;
/// How many documents may have to be fetched again after a run is cut off.
const SAVE_EVERY: usize = 100;

/// CSAF 2.0, sections 7.1.11 to 7.1.13: `changes.csv`, or where there is none, `index.txt`.
pub(super) fn directory(visit: &mut Visit<'_, '_>) -> Result<(), Error> {
    let mut base = visit.address()?;
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    if let Some(pointer) = visit.publisher.archive.clone() {
        archive(visit, &base, &pointer)?;
    }
    let changes = below(&base, CHANGES)?;
    let (address, text) = match visit.downloader.text(visit.publisher, &changes, LIST_CAP_BYTES) {
        Err(Error::Status { status: 404, .. }) => {
            let index = below(&base, INDEX)?;
            let text = visit.downloader.text(visit.publisher, &index, LIST_CAP_BYTES)?;
            (index, text)
        }
        text => (changes, text?),
    };
    let (listed, wrong) = read_list(&text, &base, &address);
    for error in wrong.iter().take(MOST_COMPLAINTS) {
        visit.outcome.trouble(error);
    }
    documents(visit, &address, listed)
}

/// A list that is wrong in every line is said to be so a few times, not a thousand.
const MOST_COMPLAINTS: usize = 20;

/// The archive of the whole, once, for a provider that has one.
fn archive(visit: &mut Visit<'_, '_>, base: &Url, pointer: &str) -> Result<(), Error> {
    if visit.state.archive_day.is_some() {
        return Ok(());
    }
    let pointer = below(base, pointer)?;
    let name = visit.downloader.text(visit.publisher, &pointer, 4096)?;
    let name = name.trim();
    let wrong = |expected: &str| Error::WrongContent {
        address: download::shown(&pointer),
        expected: expected.to_owned(),
        found: format!("{name:?}"),
    };
    if name.contains('/') {
        return Err(wrong("the name of one file"));
    }
    let day = day_in(name).ok_or_else(|| wrong("a file name with its day in it"))?;
    let address = below(base, name)?;
    let expected = match visit.checksum(&address, None) {
        // Not every provider hashes its archive; its documents are checked by their readers.
        Err(Error::Status { status: 404, .. }) => None,
        checksum => checksum?,
    };
    visit.fetch(name, address, expected, None)?;
    visit.state.archive_day = Some(day);
    visit.save()
}

/// The day in a name such as `csaf_vex_2024-09-29.tar.zst`.
fn day_in(name: &str) -> Option<Date> {
    (0..name.len()).find_map(|at| name.get(at..at + 10)?.parse().ok())
}

/// CSAF 2.0, section 7.1.15.
pub(super) fn rolie(visit: &mut Visit<'_, '_>) -> Result<(), Error> {
    let address = visit.address()?;
    let text = visit.downloader.text(visit.publisher, &address, LIST_CAP_BYTES)?;
    let rolie: Rolie = serde_json::from_str(&text).map_err(|why| Error::WrongContent {
        address: download::shown(&address),
        expected: "a ROLIE feed".into(),
        found: format!("another document ({why})"),
    })?;
    let mut listed = Vec::new();
    for (index, entry) in rolie.feed.entry.into_iter().enumerate() {
        match entry.listed(&address, index) {
            Ok(it) => listed.push(it),
            Err(error) => visit.outcome.trouble(&error),
        }
    }
    documents(visit, &address, listed)
}

/// Fetches those of the listed documents that are new or changed.
fn documents(visit: &mut Visit<'_, '_>, list: &Url, listed: Vec<Listed>) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    let wanted: Vec<Listed> = listed
        .into_iter()
        .filter(|it| seen.insert(it.name.clone()))
        .filter(|it| {
            let new = is_new(visit, it);
            visit.outcome.unchanged += usize::from(!new);
            new
        })
        .collect();
    let mut failed_in_a_row = 0;
    for (done, document) in wanted.iter().enumerate() {
        match one_document(visit, document) {
            Ok(()) => failed_in_a_row = 0,
            Err(error @ (Error::Disk { .. } | Error::Busy { .. })) => return Err(error),
            Err(error) => {
                visit.outcome.trouble(&error);
                failed_in_a_row += 1;
            }
        }
        if failed_in_a_row == GIVE_UP_AFTER {
            let address = download::shown(list);
            let left = wanted.len() - done - 1;
            return Err(Error::GivenUp { address, failed: failed_in_a_row, left });
        }
        if done % SAVE_EVERY == SAVE_EVERY - 1 {
            visit.save()?;
        }
    }
    Ok(())
}

fn one_document(visit: &mut Visit<'_, '_>, document: &Listed) -> Result<(), Error> {
    let expected = visit.checksum(&document.address, document.checksum.clone())?;
    let stamp = document.stamp.clone();
    visit.fetch(&document.name, document.address.clone(), expected, stamp).map(|_| ())
}

/// Whether the list speaks of a version that is not here.
fn is_new(visit: &Visit<'_, '_>, document: &Listed) -> bool {
    match visit.state.files.get(&document.name) {
        Some(have) => {
            let here = fs::metadata(visit.folder.join(&document.name))
                .is_ok_and(|file| file.len() == have.size_bytes);
            !here || document.stamp.is_none() || document.stamp != have.stamp
        }
        // What is older than the archive we began with is in it.
        None => match (visit.state.archive_day, document.stamp.as_deref().and_then(day_of)) {
            (Some(archive_day), Some(day)) => day >= archive_day,
            _ => true,
        },
    }
}

fn day_of(stamp: &str) -> Option<Date> {
    stamp.get(..10)?.parse().ok()
}

/// Both lists: a path a line, in `changes.csv` with the moment of the last change behind it.
fn read_list(text: &str, base: &Url, list: &Url) -> (Vec<Listed>, Vec<Error>) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let (mut listed, mut wrong) = (Vec::new(), Vec::new());
    for row in reader.records() {
        let line =
            row.as_ref().ok().and_then(csv::StringRecord::position).map_or(0, csv::Position::line);
        let path = row.as_ref().ok().and_then(|it| it.get(0)).unwrap_or_default().to_owned();
        let stamp = row.as_ref().ok().and_then(|it| it.get(1)).map(str::to_owned);
        match name_below(base, &path).and_then(|name| Some((below(base, &name).ok()?, name))) {
            Some((address, name)) => listed.push(Listed { name, address, checksum: None, stamp }),
            None => wrong.push(Error::Index {
                address: download::shown(list),
                line: usize::try_from(line).unwrap_or(usize::MAX),
                expected: "the path of a document below the list",
                found: path.chars().take(80).collect(),
            }),
        }
    }
    (listed, wrong)
}

/// A listed path, below the list's own folder.
///
/// CISA lists its documents from the root of the repository
/// (`csaf_files/OT/white/2024/...` in the folder `csaf_files/OT/white`); what a
/// path repeats of the folder's own path is dropped.
fn name_below(base: &Url, path: &str) -> Option<String> {
    let path = path.strip_prefix("./").unwrap_or(path);
    super::safe_path(path).ok()?;
    let is_document = |it: &str| it.rsplit('.').next() == Some("json");
    let folders: Vec<&str> = base.path().split('/').filter(|it| !it.is_empty()).collect();
    let repeated = (0..folders.len()).find_map(|from| {
        let tail = folders.get(from..)?.join("/");
        path.strip_prefix(&tail)?.strip_prefix('/')
    });
    let name = repeated.unwrap_or(path);
    (is_document(name) && super::safe_path(name).is_ok()).then(|| name.to_owned())
}

fn below(base: &Url, name: &str) -> Result<Url, Error> {
    super::safe_path(name)?;
    base.join(name).map_err(|_| Error::FileName { name: name.to_owned() })
}

#[derive(Debug, Deserialize)]
struct Rolie {
    feed: Feed,
}

#[derive(Debug, Deserialize)]
struct Feed {
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    #[serde(default)]
    updated: Option<String>,
    #[serde(default)]
    link: Vec<Link>,
    #[serde(default)]
    content: Option<Source>,
}

#[derive(Debug, Deserialize)]
struct Link {
    #[serde(default)]
    rel: String,
    #[serde(default)]
    href: String,
}

#[derive(Debug, Deserialize)]
struct Source {
    #[serde(default)]
    src: String,
}

impl Entry {
    fn listed(self, feed: &Url, index: usize) -> Result<Listed, Error> {
        let wrong = |expected, found: &str| Error::Index {
            address: download::shown(feed),
            line: index + 1,
            expected,
            found: found.chars().take(120).collect(),
        };
        let link = |rel: &str| self.link.iter().find(|it| it.rel == rel).map(|it| it.href.as_str());
        let source = self.content.as_ref().map(|it| it.src.as_str()).filter(|it| !it.is_empty());
        let href = source.or(link("self")).unwrap_or_default();
        let address = feed.join(href).map_err(|_| wrong("the address of a document", href))?;
        let name = address.path_segments().and_then(|mut it| it.next_back()).unwrap_or_default();
        let name =
            name_below(feed, name).ok_or_else(|| wrong("the address of a document", href))?;
        let checksum =
            self.link.iter().filter(|it| it.rel == "hash").find_map(|it| feed.join(&it.href).ok());
        Ok(Listed { name, address, checksum, stamp: self.updated })
    }
}

#[cfg(test)]
mod tests {
    use super::super::misbehaving::{Request, Server, TestClock, ok, publisher, status, sync_one};
    use super::super::{Outcome, Verdict};
    use super::*;
    use crate::feeds::publishers::{Checksum, Distribution};
    use aws_lc_rs::digest::{SHA512, digest};
    use exposome_store::hex;
    use std::collections::BTreeMap;
    use std::io::Write as _;
    use std::sync::{Arc, Mutex};

    /// What a provider has at each path; a test changes it between runs.
    #[derive(Clone, Default)]
    struct Shelf(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

    impl Shelf {
        fn put(&self, path: &str, bytes: &[u8]) {
            self.0.lock().unwrap().insert(path.into(), bytes.to_vec());
        }

        fn document(&self, path: &str, text: &str) {
            self.put(path, text.as_bytes());
            let sum = hex(digest(&SHA512, text.as_bytes()).as_ref());
            self.put(&format!("{path}.sha512"), format!("{sum}  {path}\n").as_bytes());
        }

        fn serve(&self) -> Server {
            let shelf = self.clone();
            Server::new(move |_, request: &Request, stream| {
                let found = shelf.0.lock().unwrap().get(&request.path).cloned();
                let answer = found.map_or_else(|| status(404, ""), |body| ok("", &body));
                let _ = stream.write_all(&answer);
            })
        }
    }

    fn provider(address: &str, distribution: Distribution) -> crate::feeds::publishers::Publisher {
        let mut it = publisher(address, distribution);
        it.checksum = Checksum::Sha512;
        it
    }

    fn what(outcome: &Outcome, server: &Server) -> Vec<String> {
        outcome.troubles.iter().map(|it| it.what.replace(&server.address(""), "HOST")).collect()
    }

    const A: &str = r#"{"document":{"title":"a"}}"#;
    const B: &str = r#"{"document":{"title":"b"}}"#;

    #[test]
    fn documents_are_fetched_by_the_list_of_changes_and_again_only_when_they_change() {
        let shelf = Shelf::default();
        shelf.document("/white/2024/a.json", A);
        shelf.document("/white/2024/b.json", A);
        shelf.put(
            "/white/changes.csv",
            b"\"2024/b.json\",\"2024-09-05T06:00:00.000000Z\"\n2024/a.json,2024-09-10T06:00:00Z\n",
        );
        let server = shelf.serve();
        let it = provider(&server.address("/white"), Distribution::CsafDirectory);
        let folder = tempfile::tempdir().unwrap();
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!(what(&outcome, &server), [""; 0]);
        assert_eq!((outcome.fetched.len(), outcome.unchanged), (2, 0));
        assert_eq!(server.asked().len(), 5);

        shelf.document("/white/2024/b.json", B);
        shelf.put(
            "/white/changes.csv",
            b"2024/b.json,2024-09-12T06:00:00Z\n2024/a.json,2024-09-10T06:00:00Z\n",
        );
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!((outcome.fetched.len(), outcome.unchanged), (1, 1));
        let b = folder.path().join("test/2024/b.json");
        assert_eq!(fs::read_to_string(&b).unwrap(), B);
        assert_eq!(
            server.paths()[5..],
            ["/white/changes.csv", "/white/2024/b.json.sha512", "/white/2024/b.json"]
        );
    }

    #[test]
    fn a_document_that_does_not_have_its_checksum_is_named_and_the_old_one_stays() {
        let shelf = Shelf::default();
        shelf.document("/2024/a.json", A);
        shelf.document("/2024/b.json", A);
        shelf.put(
            "/changes.csv",
            b"2024/a.json,2024-09-10T06:00:00Z\n2024/b.json,2024-09-10T06:00:00Z\n",
        );
        let server = shelf.serve();
        let it = provider(&server.address("/"), Distribution::CsafDirectory);
        let folder = tempfile::tempdir().unwrap();
        sync_one(&it, folder.path(), &TestClock::new());

        shelf.put("/2024/a.json", B.as_bytes());
        shelf.document("/2024/b.json", B);
        shelf.put(
            "/changes.csv",
            b"2024/a.json,2024-09-11T06:00:00Z\n2024/b.json,2024-09-11T06:00:00Z\n",
        );
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!(outcome.verdict(), Verdict::Partly);
        let what = what(&outcome, &server);
        assert_eq!(what.len(), 1);
        assert!(what[0].starts_with("HOST/2024/a.json does not have its checksum"), "{what:?}");
        let read =
            |name: &str| fs::read_to_string(folder.path().join("test/2024").join(name)).unwrap();
        assert_eq!((read("a.json").as_str(), read("b.json").as_str()), (A, B));

        // It is tried again, although the list has not changed.
        shelf.document("/2024/a.json", B);
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!((outcome.verdict(), outcome.fetched.len()), (Verdict::Fetched, 1));
    }

    #[test]
    fn paths_from_the_root_of_a_repository_and_paths_that_lead_out_of_it() {
        let shelf = Shelf::default();
        shelf.document("/cisagov/CSAF/develop/csaf_files/OT/white/2024/icsma-24-254-01.json", A);
        shelf.put(
            "/cisagov/CSAF/develop/csaf_files/OT/white/changes.csv",
            b"csaf_files/OT/white/2024/icsma-24-254-01.json,2024-09-10T06:00:00.000000Z\n\
              ../../../../etc/passwd.json,2024-09-10T06:00:00Z\n\
              https://elsewhere.example/a.json,2024-09-10T06:00:00Z\n",
        );
        let server = shelf.serve();
        let base = server.address("/cisagov/CSAF/develop/csaf_files/OT/white/");
        let it = provider(&base, Distribution::CsafDirectory);
        let folder = tempfile::tempdir().unwrap();
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!(outcome.fetched, [folder.path().join("test/2024/icsma-24-254-01.json")]);
        let list = "HOST/cisagov/CSAF/develop/csaf_files/OT/white/changes.csv";
        assert_eq!(
            what(&outcome, &server),
            [
                format!(
                    "{list}, line 2: \"../../../../etc/passwd.json\" is not the path of a document below the list"
                ),
                format!(
                    "{list}, line 3: \"https://elsewhere.example/a.json\" is not the path of a document below the list"
                ),
            ]
        );
    }

    #[test]
    fn a_provider_with_only_an_index_is_read_by_its_index() {
        let shelf = Shelf::default();
        shelf.document("/2024/a.json", A);
        shelf.put("/index.txt", b"2024/a.json\n");
        let server = shelf.serve();
        let it = provider(&server.address("/"), Distribution::CsafDirectory);
        let folder = tempfile::tempdir().unwrap();
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!((what(&outcome, &server).len(), outcome.fetched.len()), (0, 1));
    }

    #[test]
    fn the_archive_of_the_whole_comes_once_and_what_is_older_is_not_asked_for() {
        let shelf = Shelf::default();
        shelf.put("/archive_latest.txt", b"vex_2024-09-29.tar.zst\n");
        shelf.put("/vex_2024-09-29.tar.zst", b"\x28\xb5\x2f\xfd and so on");
        shelf.document("/2024/new.json", A);
        shelf.put(
            "/changes.csv",
            b"2024/new.json,2024-09-30T06:00:00Z\n2024/old.json,2024-09-10T06:00:00Z\n",
        );
        let server = shelf.serve();
        let mut it = provider(&server.address("/"), Distribution::CsafDirectory);
        it.archive = Some("archive_latest.txt".into());
        let folder = tempfile::tempdir().unwrap();
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!(what(&outcome, &server), [""; 0]);
        assert_eq!((outcome.fetched.len(), outcome.unchanged), (2, 1));
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!((outcome.fetched.len(), outcome.unchanged), (0, 2));
        assert_eq!(server.paths().last().unwrap(), "/changes.csv");
    }

    #[test]
    fn a_provider_whose_documents_are_gone_is_not_asked_for_all_of_them() {
        let shelf = Shelf::default();
        let rows: String = (0..50)
            .fold(String::new(), |it, n| it + &format!("2024/a{n}.json,2024-09-10T06:00:00Z\n"));
        shelf.put("/changes.csv", rows.as_bytes());
        let server = shelf.serve();
        let it = provider(&server.address("/"), Distribution::CsafDirectory);
        let folder = tempfile::tempdir().unwrap();
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!(server.asked().len(), 11);
        assert_eq!(
            what(&outcome, &server).last().unwrap(),
            "HOST/changes.csv: 10 documents in a row could not be had; 40 more were not tried"
        );
    }

    #[test]
    fn a_rolie_feed_names_document_and_checksum() {
        let shelf = Shelf::default();
        let sum = hex(digest(&SHA512, A.as_bytes()).as_ref());
        shelf.put("/ssa-1.json", A.as_bytes());
        shelf.put("/sums/ssa-1", sum.as_bytes());
        shelf.put(
            "/feed.json",
            br#"{"feed":{"entry":[
                {"id":"SSA-1","updated":"2024-10-17T06:00:00Z",
                 "link":[{"rel":"hash","href":"/sums/ssa-1"}],
                 "content":{"src":"/ssa-1.json","type":"application/json"}},
                {"id":"SSA-2","updated":"2024-10-17T06:00:00Z","link":[]}]}}"#,
        );
        let server = shelf.serve();
        let it = provider(&server.address("/feed.json"), Distribution::CsafRolie);
        let folder = tempfile::tempdir().unwrap();
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!(outcome.fetched, [folder.path().join("test/ssa-1.json")]);
        assert_eq!(what(&outcome, &server).len(), 1, "{:?}", what(&outcome, &server));
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!((outcome.fetched.len(), outcome.unchanged), (0, 1));
    }
}
