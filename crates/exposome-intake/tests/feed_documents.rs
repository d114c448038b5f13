//! Feed documents under `testdata/feeds/`, each with what is expected of it.
//!
//! A case is a folder `testdata/feeds/<format>/<case>/` with one document and the
//! `expected` records and complaints in words.  `UPDATE=1 cargo test` writes the
//! expectations anew; the difference is for a person to judge.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panic")]

use exposome_intake::{Error, Item, Limits, feeds, read, recognise};
use exposome_model::knowledge::{
    Advisory, Bound, ExploitEntry, KevEntry, Node, Product, Record, Statement, SupportCycle,
    SupportEnd, Target, Versions,
};
use exposome_model::reading::Kept;
use std::fmt::Write as _;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

struct Case {
    folder: PathBuf,
    format: String,
    name: String,
    bytes: Vec<u8>,
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/feeds");
    let below = |folder: &Path| {
        let mut found: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        found.sort();
        found
    };
    let mut cases = Vec::new();
    for format in below(&root).into_iter().filter(|path| path.is_dir()) {
        for folder in below(&format) {
            let document = below(&folder)
                .into_iter()
                .find(|path| path.file_name().unwrap() != "expected")
                .unwrap();
            cases.push(Case {
                format: format.file_name().unwrap().to_string_lossy().into_owned(),
                name: document.file_name().unwrap().to_string_lossy().into_owned(),
                bytes: fs::read(&document).unwrap(),
                folder,
            });
        }
    }
    assert!(cases.len() > 30, "only {} cases", cases.len());
    cases
}

fn taken(bytes: &[u8], name: &str) -> (Kept<Item>, Result<(), Error>) {
    let mut kept = Kept::default();
    let ended = read(&mut Cursor::new(bytes), name, &Limits::default(), &mut kept);
    (kept, ended)
}

#[test]
fn every_feed_document_says_what_is_expected_of_it() {
    let mut differing = Vec::new();
    for case in cases() {
        let actual = in_words(&case.bytes, &case.name);
        let at = case.folder.join("expected");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&at, &actual).unwrap();
        } else if fs::read_to_string(&at).unwrap_or_default() != actual {
            differing.push(format!("--- {}\n{actual}", case.folder.display()));
        }
    }
    assert!(differing.is_empty(), "not as expected:\n{}", differing.join("\n"));
}

#[test]
fn every_feed_format_has_a_case_and_no_case_is_two_formats() {
    let cases = cases();
    for format in feeds::FORMATS {
        assert!(cases.iter().any(|case| case.format == format.id), "no case for {}", format.id);
    }
    for case in &cases {
        let found = recognise(&case.bytes, &case.name).map(|format| format.id);
        assert_eq!(found, Some(case.format.as_str()), "{}", case.folder.display());
        let glimpse = exposome_intake::Glimpse::new(&case.bytes, &case.name);
        let all: Vec<_> = feeds::FORMATS
            .iter()
            .filter(|format| (format.recognise)(&glimpse))
            .map(|format| format.id)
            .collect();
        assert_eq!(all, [case.format.as_str()], "{}", case.folder.display());
    }
}

/// A document cut anywhere, or with bytes changed, is read or refused; it never panics.
#[test]
fn a_damaged_feed_document_is_read_or_refused() {
    for case in cases() {
        let mut damage = Damage(0x9E37_79B9_7F4A_7C15);
        for _ in 0..150 {
            let cut = damage.below(case.bytes.len() + 1);
            let _ = taken(&case.bytes[..cut], &case.name);
            let mut changed = case.bytes.clone();
            for _ in 0..=damage.below(4) {
                let at = damage.below(changed.len());
                let with = HOSTILE[damage.below(HOSTILE.len())];
                match damage.below(3) {
                    0 => changed[at] = with,
                    1 => changed.insert(at, with),
                    _ => drop(changed.remove(at)),
                }
            }
            let _ = taken(&changed, &case.name);
        }
    }
}

const HOSTILE: &[u8] = b"\0\"'<>&;,:{}[]\\\n\r\xff\x80=0aZ-";

/// A fixed stream of numbers (xorshift): the same damage in every run.
struct Damage(u64);

impl Damage {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap()
    }
}

fn in_words(bytes: &[u8], name: &str) -> String {
    let (kept, ended) = taken(bytes, name);
    let mut out = String::new();
    for item in &kept.records {
        match item {
            Item::Opened { format, .. } => writeln!(out, "format {format}").unwrap(),
            Item::PassedOver { reason, .. } => writeln!(out, "passed over: {reason}").unwrap(),
            Item::Edition(edition) => {
                let released = edition.released.map(|moment| moment.to_string());
                writeln!(
                    out,
                    "edition {:?}, released {released:?}, {:?} records",
                    edition.version, edition.count
                )
                .unwrap();
            }
            Item::Epss(table) => {
                writeln!(out, "epss model {} of {}", table.model_version, table.score_date)
                    .unwrap();
                for row in &table.rows {
                    writeln!(
                        out,
                        "  {} {} {}",
                        row.vulnerability, row.probability_e5, row.percentile_e5
                    )
                    .unwrap();
                }
            }
            Item::Knowledge(Record::Advisory(it)) => advisory(it, &mut out),
            Item::Knowledge(Record::Kev(it)) => kev(it, &mut out),
            Item::Knowledge(Record::Exploit(it)) => exploit(it, &mut out),
            Item::Knowledge(Record::Support(it)) => support(it, &mut out),
            other => panic!("a feed gave {other:?}"),
        }
    }
    for complaint in &kept.complaints {
        writeln!(out, "{complaint}").unwrap();
    }
    if let Err(error) = ended {
        writeln!(out, "ended: {error}").unwrap();
    }
    out
}

fn kev(it: &KevEntry, out: &mut String) {
    writeln!(out, "kev {} {} / {}: {}", it.vulnerability, it.vendor, it.product, it.name).unwrap();
    writeln!(
        out,
        "  added {}, due {:?}, ransomware {:?}",
        it.added,
        it.due.map(|d| d.to_string()),
        it.ransomware
    )
    .unwrap();
    writeln!(out, "  {}", it.required_action).unwrap();
}

fn exploit(it: &ExploitEntry, out: &mut String) {
    let published = it.published.map(|day| day.to_string());
    writeln!(
        out,
        "exploit {} {} published {published:?}, rank {:?}",
        it.vulnerability, it.name, it.rank
    )
    .unwrap();
}

fn support(it: &SupportCycle, out: &mut String) {
    let end = |end: SupportEnd| match end {
        SupportEnd::On(day) => day.to_string(),
        other => format!("{other:?}"),
    };
    writeln!(
        out,
        "support {} ({}) cycle {} ({:?})",
        it.product, it.label, it.cycle, it.cycle_label
    )
    .unwrap();
    writeln!(
        out,
        "  released {:?}, active {}, security {}, extended {}, latest {:?}",
        it.released.map(|day| day.to_string()),
        end(it.active_until),
        end(it.security_until),
        end(it.extended_until),
        it.latest
    )
    .unwrap();
    writeln!(out, "  {:?} {:?}", it.cpes, it.purls).unwrap();
}

fn advisory(it: &Advisory, out: &mut String) {
    writeln!(
        out,
        "advisory {} in {} by {} ({:?}, {:?})",
        it.vulnerability, it.document, it.publisher, it.kind, it.state
    )
    .unwrap();
    writeln!(out, "  title {:?}", it.title).unwrap();
    let moment = |moment: Option<jiff::Timestamp>| {
        moment.map_or("?".to_owned(), |moment| moment.to_string())
    };
    writeln!(out, "  published {}, modified {}", moment(it.published), moment(it.modified))
        .unwrap();
    for severity in &it.severities {
        writeln!(
            out,
            "  severity {} scored {:?} by {:?}",
            severity.vector, severity.score_tenths, severity.source
        )
        .unwrap();
    }
    for weakness in &it.weaknesses {
        writeln!(out, "  weakness {weakness}").unwrap();
    }
    if let Some(ssvc) = &it.ssvc {
        writeln!(out, "  {ssvc:?}").unwrap();
    }
    for note in &it.exploitation {
        let since = note.since.map(|day| day.to_string());
        writeln!(out, "  exploitation {since:?} {}", note.text).unwrap();
    }
    for Statement { target, default, versions, justification } in &it.statements {
        match target {
            Target::Product(it) => writeln!(out, "  product {}", product(it)).unwrap(),
            Target::Configuration(it) => writeln!(out, "  configuration {}", node(it)).unwrap(),
        }
        for row in versions {
            writeln!(out, "    {:?}: {}", row.status, range(&row.versions)).unwrap();
        }
        writeln!(out, "    otherwise {default:?}").unwrap();
        if let Some(reason) = justification {
            writeln!(out, "    because {reason}").unwrap();
        }
    }
    for remedy in &it.remedies {
        writeln!(out, "  remedy {:?} {:?} {:?}", remedy.kind, remedy.text, remedy.url).unwrap();
    }
}

fn product(it: &Product) -> String {
    let name = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
    let mut out = format!("{} / {} / {}", name(&it.vendor), name(&it.family), name(&it.name));
    let lists = [
        ("models", &it.models),
        ("cpes", &it.cpes),
        ("platforms", &it.platforms),
        ("modules", &it.modules),
    ];
    for (word, list) in lists {
        if !list.is_empty() {
            write!(out, ", {word} {}", list.join(" ; ")).unwrap();
        }
    }
    if let Some(purl) = &it.purl {
        write!(out, ", {purl}").unwrap();
    }
    if let Some(below) = &it.on {
        write!(out, " ON {}", product(below)).unwrap();
    }
    out
}

fn node(it: &Node) -> String {
    let all = |nodes: &[Node], word: &str| {
        let parts: Vec<String> = nodes.iter().map(node).collect();
        format!("({})", parts.join(word))
    };
    match it {
        Node::All(nodes) => all(nodes, " and "),
        Node::Any(nodes) => all(nodes, " or "),
        Node::Not(inner) => format!("not {}", node(inner)),
        Node::Match(it) => {
            let running_on = if it.vulnerable { "" } else { "running on " };
            format!("{running_on}{}{}", it.cpe, bounds(it.from.as_ref(), it.to.as_ref()))
        }
    }
}

fn bounds(from: Option<&Bound>, to: Option<&Bound>) -> String {
    let from = from.map(|it| format!(" >{} {}", if it.inclusive { "=" } else { "" }, it.version));
    let to = to.map(|it| format!(" <{} {}", if it.inclusive { "=" } else { "" }, it.version));
    from.unwrap_or_default() + &to.unwrap_or_default()
}

fn range(it: &Versions) -> String {
    match it {
        Versions::Any => "every version".to_owned(),
        Versions::Text(text) => format!("text {text:?}"),
        Versions::Exact(version) => format!("exactly {version:?}"),
        Versions::Vers(vers) => vers.clone(),
        Versions::Bounds { from, to, scheme } => {
            format!(
                "bounds{} in {}",
                bounds(from.as_ref(), to.as_ref()),
                scheme.as_deref().unwrap_or("?")
            )
        }
    }
}
