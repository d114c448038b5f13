//! A million assets in columns: distinct components, bills, and who has which finding.
//!
//! *Dictionary*: each distinct component once, by number.  *Fleet*: each distinct
//! bill once, as numbers of components; each asset as the number of its bill.
//! *Findings*: for each component what is said of it, judged once.  *Exposures*:
//! for each bill the findings that hold there.  All of them are rows of numbers
//! behind one another, so that a million assets with fifty components each fit in
//! memory and are gone through at the speed of memory.
//!
//! A new vulnerability goes the other way: its products' keys to the components,
//! the components to the bills, the bills to the assets.

use super::bill::Bill;
use super::catalogue::Catalogue;
use super::held::{Held, Hit};
use super::interned::{Word, Words};
use super::lean::{Lean, Scratch};
use super::subject::Subject;
use super::weigh::Depends;
use exposome_model::exposure::Verdict;
use exposome_model::inventory::{Component, ComponentKind};
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

/// Rows of numbers of different length, one behind the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    starts: Vec<u32>,
    values: Vec<u32>,
}

impl Default for Rows {
    fn default() -> Rows {
        Rows { starts: vec![0], values: Vec::new() }
    }
}

impl Rows {
    pub fn with_capacity(rows: usize, values: usize) -> Rows {
        let mut starts = Vec::with_capacity(rows + 1);
        starts.push(0);
        Rows { starts, values: Vec::with_capacity(values) }
    }

    /// Adds a row at the end.
    pub fn push(&mut self, row: impl IntoIterator<Item = u32>) {
        self.values.extend(row);
        self.starts.push(number(self.values.len()));
    }

    /// Ends the row that is being filled, unless nothing is in it yet.
    fn close(&mut self) {
        if self.starts.last() != Some(&number(self.values.len())) {
            self.starts.push(number(self.values.len()));
        }
    }

    pub fn get(&self, row: u32) -> &[u32] {
        let place = row as usize;
        let (Some(&start), Some(&end)) = (self.starts.get(place), self.starts.get(place + 1))
        else {
            return &[];
        };
        self.values.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All values of all rows.
    pub fn values(&self) -> &[u32] {
        &self.values
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.starts.windows(2).map(|ends| match ends {
            [start, end] => self.values.get(*start as usize..*end as usize).unwrap_or_default(),
            _ => &[],
        })
    }

    /// For each value the rows it stands in, in order.
    #[must_use]
    pub fn inverse(&self, values: usize) -> Rows {
        let mut starts = vec![0_u32; values + 1];
        for &value in &self.values {
            if let Some(count) = starts.get_mut(value as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut inverse = vec![0; sum as usize];
        for (row, values) in (0..).zip(self.iter()) {
            for &value in values {
                let Some(place) = next.get_mut(value as usize) else { continue };
                if let Some(entry) = inverse.get_mut(*place as usize) {
                    *entry = row;
                }
                *place += 1;
            }
        }
        Rows { starts, values: inverse }
    }
}

/// Each distinct component once.
#[derive(Debug, Default)]
pub struct Dictionary {
    texts: Words,
    components: Vec<Component>,
    written: String,
}

impl Dictionary {
    /// The number of a component, which is taken in if it is new.
    pub fn intern(&mut self, component: &Component) -> u32 {
        self.written.clear();
        write_out(component, &mut self.written);
        let word = self.texts.intern(&self.written);
        if word.0 as usize == self.components.len() {
            self.components.push(component.clone());
        }
        word.0
    }

    pub fn get(&self, number: u32) -> Option<&Component> {
        self.components.get(number as usize)
    }

    pub fn len(&self) -> usize {
        self.components.len()
    }

    pub fn is_empty(&self) -> bool {
        self.components.is_empty()
    }

    pub fn components(&self) -> &[Component] {
        &self.components
    }
}

/// A component as one text; two that differ in anything have different texts.
fn write_out(component: &Component, text: &mut String) {
    let kind = match component.kind {
        ComponentKind::Device => "d",
        ComponentKind::System => "s",
        ComponentKind::Application => "a",
        ComponentKind::Package => "p",
    };
    text.push_str(kind);
    let optional =
        [&component.vendor, &component.called, &component.version, &component.cpe, &component.purl];
    for part in optional.into_iter().map(Option::as_deref).chain([Some(component.name.as_str())]) {
        text.push('\u{1f}');
        match part {
            Some(part) => text.push_str(part),
            None => text.push('\u{1e}'),
        }
    }
    for option in &component.options {
        text.push('\u{1d}');
        text.push_str(option);
    }
    if let Some(date) = component.manufactured_on {
        let _ = std::fmt::Write::write_fmt(text, format_args!("\u{1c}{date}"));
    }
}

/// Who has which bill, and what is in it.
#[derive(Debug, Default)]
pub struct Fleet {
    /// Bill -> components.
    pub bills: Rows,
    /// Asset -> bill.
    pub assets: Vec<u32>,
}

/// The ways back: from a component to the assets that have it.
#[derive(Debug, Default)]
pub struct WaysBack {
    bills_of: Rows,
    assets_of: Rows,
}

impl WaysBack {
    pub fn of(fleet: &Fleet, components: usize) -> WaysBack {
        let mut bill_of = Rows::with_capacity(fleet.assets.len(), fleet.assets.len());
        for &bill in &fleet.assets {
            bill_of.push([bill]);
        }
        WaysBack {
            bills_of: fleet.bills.inverse(components),
            assets_of: bill_of.inverse(fleet.bills.len()),
        }
    }

    /// The bills that have a component.
    pub fn bills_of(&self, component: u32) -> &[u32] {
        self.bills_of.get(component)
    }

    /// The assets that have a bill.
    pub fn assets_of(&self, bill: u32) -> &[u32] {
        self.assets_of.get(bill)
    }
}

/// The systems and devices of bills: many bills have the same.
#[derive(Debug, Default)]
pub struct Platforms {
    /// Bill -> platform.
    of_bill: Vec<u32>,
    /// Platform -> components.
    components: Rows,
}

impl Platforms {
    pub fn of(dictionary: &Dictionary, fleet: &Fleet) -> Platforms {
        let is_platform: Vec<bool> = dictionary
            .components
            .iter()
            .map(|component| {
                matches!(component.kind, ComponentKind::System | ComponentKind::Device)
            })
            .collect();
        let mut known: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
        let mut platforms = Platforms::default();
        let mut own = Vec::new();
        for bill in fleet.bills.iter() {
            own.clear();
            own.extend(
                bill.iter()
                    .filter(|&&component| is_platform.get(component as usize) == Some(&true)),
            );
            own.sort_unstable();
            let platform = if let Some(&platform) = known.get(&own) {
                platform
            } else {
                let platform = number(platforms.components.len());
                platforms.components.push(own.iter().copied());
                known.insert(own.clone(), platform);
                platform
            };
            platforms.of_bill.push(platform);
        }
        platforms
    }

    /// How many different ones there are.
    pub fn len(&self) -> usize {
        self.components.len()
    }

    pub fn is_empty(&self) -> bool {
        self.components.is_empty()
    }

    fn of_bill(&self, bill: u32) -> u32 {
        self.of_bill.get(bill as usize).copied().unwrap_or(u32::MAX)
    }
}

/// What is said of each component of a dictionary.
///
/// Pairs that are not affected whatever else is on the asset are left out.
#[derive(Debug, Default)]
pub struct Findings {
    /// Component -> findings that hold whatever else is there, packed with their verdict.
    settled: Rows,
    /// Component -> findings that hang on the rest of the bill.
    open: Rows,
    vulnerabilities: Vec<u32>,
    /// Of each open finding, in order: what it hangs on, and which claims to ask again.
    questions: Vec<Question>,
    claims: Vec<(u32, Hit)>,
    /// Components that others hang on or that hang on others, read once.
    subjects: BTreeMap<u32, Subject>,
    /// Key -> products known under it.
    keys: Words,
    known_as: Rows,
    /// Product -> components.
    products: Rows,
}

/// A component, what is said of it, and its range in [`Findings::claims`].
type Judged = (u32, Lean, (u32, u32));

#[derive(Debug, Clone, Copy)]
struct Question {
    depends: Depends,
    claims: (u32, u32),
}

impl Findings {
    /// Judges every component of the dictionary once.
    pub fn of(catalogue: &Catalogue, dictionary: &Dictionary) -> Findings {
        let mut judged: Vec<Judged> = Vec::new();
        let mut findings = Findings::default();
        let mut filed: Vec<(u32, u32)> = Vec::new();
        let mut scratch = Scratch::default();
        let mut last: Option<(&Component, Subject)> = None;
        for component in by_product(dictionary) {
            let Some(described) = dictionary.get(component) else { continue };
            let sibling = last.as_ref().and_then(|(own, subject)| subject.sibling(own, described));
            let again = sibling.is_some();
            let subject = sibling.unwrap_or_else(|| Subject::read(described, catalogue));
            if again {
                findings.products.values.push(component);
            } else {
                findings.products.close();
                findings.products.values.push(component);
                let keys = subject.keys.iter().map(|(key, _)| key);
                for key in keys.chain(&subject.text_keys).chain(&subject.bare_keys) {
                    filed.push((findings.keys.intern(key).0, number(findings.products.len())));
                }
            }
            catalogue.judge_subject(&subject, described, again, &mut scratch);
            let mut hangs = is_hung_on(&subject, catalogue);
            for one in scratch.found() {
                if one.depends == Depends::OnItself && one.verdict == Verdict::NotAffected {
                    continue;
                }
                hangs |= one.depends != Depends::OnItself;
                let start = number(findings.claims.len());
                findings.claims.extend_from_slice(scratch.claims_of(one));
                judged.push((component, *one, (start, number(findings.claims.len()))));
            }
            if hangs {
                findings.subjects.insert(component, subject.clone());
            }
            last = Some((described, subject));
        }
        findings.products.close();
        judged.sort_by_key(|(component, ..)| *component);
        findings.known_as = gather(filed, findings.keys.len());
        findings.number(&judged, dictionary.len());
        findings
    }

    /// Numbers the findings: first those that hold by themselves, then the open ones.
    fn number(&mut self, judged: &[Judged], components: usize) {
        let is_open = |one: &Lean| one.depends != Depends::OnItself;
        self.settled =
            self.rows_of(judged.iter().filter(|(_, one, _)| !is_open(one)), components, true);
        self.open =
            self.rows_of(judged.iter().filter(|(_, one, _)| is_open(one)), components, false);
        let open = judged.iter().filter(|(_, one, _)| is_open(one));
        self.questions = open
            .map(|(_, one, claims)| Question { depends: one.depends, claims: *claims })
            .collect();
    }

    fn rows_of<'j>(
        &mut self,
        judged: impl Iterator<Item = &'j Judged>,
        components: usize,
        packed: bool,
    ) -> Rows {
        let mut rows = Rows::with_capacity(components, 0);
        let mut judged = judged.peekable();
        for component in 0..number(components) {
            while let Some((_, one, _)) = judged.next_if(|(own, ..)| *own == component) {
                let finding = number(self.vulnerabilities.len());
                self.vulnerabilities.push(one.vulnerability);
                rows.values.push(if packed { pack(finding, one.verdict) } else { finding });
            }
            rows.push([]);
        }
        rows
    }

    /// How many there are, open ones included.
    pub fn len(&self) -> usize {
        self.vulnerabilities.len()
    }

    pub fn is_empty(&self) -> bool {
        self.vulnerabilities.is_empty()
    }

    /// How many of them hang on the rest of the bill.
    pub fn open(&self) -> usize {
        self.questions.len()
    }

    /// The vulnerability of a finding, by its number in the catalogue.
    pub fn vulnerability(&self, finding: u32) -> Option<u32> {
        self.vulnerabilities.get(finding as usize).copied()
    }

    fn question(&self, finding: u32) -> Option<(Question, &[(u32, Hit)])> {
        let place =
            (finding as usize).checked_sub(self.vulnerabilities.len() - self.questions.len())?;
        let question = self.questions.get(place)?;
        Some((*question, self.claims.get(question.claims.0 as usize..question.claims.1 as usize)?))
    }
}

/// The components with those of one product together: what is said of it is then still at hand.
fn by_product(dictionary: &Dictionary) -> Vec<u32> {
    let name = |&number: &u32| {
        let component = dictionary.get(number);
        component.map(|one| {
            (one.purl.as_deref(), one.cpe.as_deref(), one.vendor.as_deref(), one.name.as_str())
        })
    };
    let mut order: Vec<u32> = (0..number(dictionary.len())).collect();
    order.sort_by(|a, b| name(a).cmp(&name(b)));
    order
}

/// Whether findings of other components may hang on this one.
fn is_hung_on(subject: &Subject, catalogue: &Catalogue) -> bool {
    matches!(subject.kind, ComponentKind::System | ComponentKind::Device)
        || subject.keys.iter().any(|(key, _)| catalogue.is_wanted_around(key))
}

fn gather(mut filed: Vec<(u32, u32)>, rows: usize) -> Rows {
    filed.sort_unstable();
    filed.dedup();
    let mut gathered = Rows::with_capacity(rows, filed.len());
    let mut rest = filed.into_iter().peekable();
    for row in 0..number(rows) {
        let mut members = Vec::new();
        while let Some((_, component)) = rest.next_if(|(key, _)| *key == row) {
            members.push(component);
        }
        gathered.push(members);
    }
    gathered
}

/// For each bill the findings that hold there.
#[derive(Debug, Default)]
pub struct Exposures {
    /// Bill -> numbers of findings, packed with their verdict there.
    rows: Rows,
}

impl Exposures {
    /// Puts the findings of the components together, bill by bill.
    pub fn of(
        catalogue: &Catalogue,
        dictionary: &Dictionary,
        findings: &Findings,
        fleet: &Fleet,
        platforms: &Platforms,
    ) -> Exposures {
        let most = |component: &u32| {
            findings.settled.get(*component).len() + findings.open.get(*component).len()
        };
        let total = fleet.bills.values().iter().map(most).sum();
        let mut exposures = Exposures { rows: Rows::with_capacity(fleet.bills.len(), total) };
        let mut around =
            Around { catalogue, dictionary, findings, platforms, bills: BTreeMap::new() };
        let mut answers = Answers::default();
        for (bill, components) in (0..).zip(fleet.bills.iter()) {
            let platform = platforms.of_bill(bill);
            for &component in components {
                exposures.rows.values.extend_from_slice(findings.settled.get(component));
                let open = findings.open.get(component);
                if !open.is_empty() {
                    let answered = answers.of(component, open, platform, components, &mut around);
                    exposures.rows.values.extend_from_slice(answered);
                }
            }
            exposures.rows.push([]);
        }
        exposures
    }

    /// The findings of a bill, each with its verdict there.
    pub fn of_bill(&self, bill: u32) -> impl Iterator<Item = (u32, Verdict)> {
        self.rows.get(bill).iter().map(|&packed| unpack(packed))
    }

    /// How many findings all bills have together.
    pub fn len(&self) -> usize {
        self.rows.values().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn pack(finding: u32, verdict: Verdict) -> u32 {
    finding << 1 | u32::from(verdict == Verdict::Affected)
}

fn unpack(packed: u32) -> (u32, Verdict) {
    (packed >> 1, if packed & 1 == 1 { Verdict::Affected } else { Verdict::Possibly })
}

/// Answers what hangs on the rest of a bill.
struct Around<'a> {
    catalogue: &'a Catalogue,
    dictionary: &'a Dictionary,
    findings: &'a Findings,
    platforms: &'a Platforms,
    /// Platform -> its components, read.
    bills: BTreeMap<u32, Bill<'a>>,
}

/// Answers for components on platforms, each found once.
#[derive(Debug, Default)]
struct Answers {
    /// Component and platform -> range in `packed`.
    known: HashMap<u64, (u32, u32), BuildHasherDefault<Folding>>,
    packed: Vec<u32>,
    passing: Vec<u32>,
}

impl Answers {
    /// The open findings of a component that hold in a bill, packed.
    fn of(
        &mut self,
        component: u32,
        open: &[u32],
        platform: u32,
        components: &[u32],
        around: &mut Around<'_>,
    ) -> &[u32] {
        let on_platform = |&finding: &u32| {
            around
                .findings
                .question(finding)
                .is_some_and(|(one, _)| one.depends == Depends::OnPlatform)
        };
        if !open.iter().all(on_platform) {
            self.passing.clear();
            self.passing
                .extend(open.iter().filter_map(|&finding| {
                    around.answer(finding, component, platform, components)
                }));
            return &self.passing;
        }
        let key = u64::from(component) << 32 | u64::from(platform);
        let (start, end) = if let Some(&known) = self.known.get(&key) {
            known
        } else {
            let start = number(self.packed.len());
            self.packed
                .extend(open.iter().filter_map(|&finding| {
                    around.answer(finding, component, platform, components)
                }));
            let range = (start, number(self.packed.len()));
            self.known.insert(key, range);
            range
        };
        self.packed.get(start as usize..end as usize).unwrap_or_default()
    }
}

impl Around<'_> {
    /// An open finding in a bill, packed with its verdict; nothing if it does not hold there.
    fn answer(
        &mut self,
        finding: u32,
        component: u32,
        platform: u32,
        components: &[u32],
    ) -> Option<u32> {
        let (question, claims) = self.findings.question(finding)?;
        let subject = self.findings.subjects.get(&component)?;
        let asked = Asked {
            catalogue: self.catalogue,
            subject,
            described: self.dictionary.get(component)?,
            claims,
        };
        let verdict = match question.depends {
            Depends::OnPlatform => self.on_platform(&asked, platform),
            depends => self.in_bill(&asked, depends, components),
        };
        (verdict != Verdict::NotAffected).then(|| pack(finding, verdict))
    }

    /// On the systems and devices of a bill.
    fn on_platform(&mut self, asked: &Asked<'_>, platform: u32) -> Verdict {
        let (findings, dictionary, platforms) = (self.findings, self.dictionary, self.platforms);
        let bill = self.bills.entry(platform).or_insert_with(|| {
            Bill::of(parts(platforms.components.get(platform), findings, dictionary))
        });
        asked.settle(bill)
    }

    /// On programs, or on anything: the bill is read for it.
    fn in_bill(&self, asked: &Asked<'_>, depends: Depends, components: &[u32]) -> Verdict {
        if depends == Depends::OnPrograms {
            return asked.settle(&Bill::of(parts(components, self.findings, self.dictionary)));
        }
        in_whole_bill(asked, components, self.dictionary)
    }
}

/// The components of a bill that something may hang on.
fn parts<'a>(
    components: &[u32],
    findings: &'a Findings,
    dictionary: &'a Dictionary,
) -> Vec<(&'a Subject, &'a Component)> {
    let part = |component: &u32| findings.subjects.get(component).zip(dictionary.get(*component));
    components.iter().filter_map(part).collect()
}

fn in_whole_bill(asked: &Asked<'_>, components: &[u32], dictionary: &Dictionary) -> Verdict {
    let described: Vec<Component> =
        components.iter().filter_map(|&number| dictionary.get(number)).cloned().collect();
    let subjects: Vec<Subject> =
        described.iter().map(|one| Subject::read(one, asked.catalogue)).collect();
    asked.settle(&Bill::whole(&described, &subjects))
}

/// One component and the claims it has to be held against again.
struct Asked<'a> {
    catalogue: &'a Catalogue,
    subject: &'a Subject,
    described: &'a Component,
    claims: &'a [(u32, Hit)],
}

impl Asked<'_> {
    fn settle(&self, bill: &Bill<'_>) -> Verdict {
        Held::new(self.catalogue, self.subject, self.described, bill, false).settle(self.claims)
    }
}

/// The assets that new vulnerabilities concern, in order, each with its gravest verdict.
///
/// `news` is a catalogue of the new documents alone; `findings` lends the keys of the components.
pub fn newly_exposed(
    news: &Catalogue,
    dictionary: &Dictionary,
    findings: &Findings,
    fleet: &Fleet,
    platforms: &Platforms,
    back: &WaysBack,
) -> Vec<(u32, Verdict)> {
    let mut components: Vec<u32> = Vec::new();
    for key in news.keys() {
        if let Some(Word(row)) = findings.keys.find(key) {
            let products = findings.known_as.get(row).iter();
            components.extend(products.flat_map(|&product| findings.products.get(product)));
        }
    }
    components.sort_unstable();
    components.dedup();
    let mut assets = vec![Verdict::NotAffected; fleet.assets.len()];
    let mut around =
        Around { catalogue: news, dictionary, findings, platforms, bills: BTreeMap::new() };
    let mut scratch = Scratch::default();
    for component in components {
        let Some(described) = dictionary.get(component) else { continue };
        let subject = Subject::read(described, news);
        news.judge_subject(&subject, described, false, &mut scratch);
        for one in scratch.found() {
            let asked = Asked {
                catalogue: news,
                subject: &subject,
                described,
                claims: scratch.claims_of(one),
            };
            let mut on_platforms: Vec<Option<Verdict>> = vec![None; platforms.len()];
            for &bill in back.bills_of(component) {
                let platform = platforms.of_bill(bill);
                let verdict = match (one.depends, on_platforms.get_mut(platform as usize)) {
                    (Depends::OnItself, _) => one.verdict,
                    (Depends::OnPlatform, Some(known)) => {
                        *known.get_or_insert_with(|| around.on_platform(&asked, platform))
                    }
                    _ => in_whole_bill(&asked, fleet.bills.get(bill), dictionary),
                };
                if verdict == Verdict::NotAffected {
                    continue;
                }
                for &asset in back.assets_of(bill) {
                    if let Some(known) = assets.get_mut(asset as usize) {
                        *known = verdict.max(*known);
                    }
                }
            }
        }
    }
    let exposed = (0..).zip(assets).filter(|(_, verdict)| *verdict != Verdict::NotAffected);
    exposed.collect()
}

/// Mixes the two halves of a key; the table is never iterated and holds no hostile keys.
#[derive(Debug, Default)]
struct Folding(u64);

impl Hasher for Folding {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0 ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ mixed >> 32;
    }
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::aliases::Aliases;
    use super::super::trial::*;
    use super::*;
    use exposome_model::knowledge::{Advisory, Node, Status};

    fn advisories() -> Vec<Advisory> {
        let on_windows =
            Node::All(vec![any(&["a:example:viewer:* ..3.0"]), any(&["~o:microsoft:windows:-"])]);
        let with_php =
            Node::All(vec![any(&["a:example:forum:* ..3.0"]), any(&["~a:php:php:* ..8.0"])]);
        let firmware =
            Node::All(vec![any(&["o:ge:monitor_firmware:* ..3.0"]), any(&["~h:ge:monitor:-"])]);
        let mut prose = product("GE", "Monitor with wireless option");
        prose.platforms = vec!["Linux".to_owned()];
        vec![
            advisory("nvd", "CVE-1", vec![configuration(on_windows)]),
            advisory("nvd", "CVE-2", vec![configuration(with_php)]),
            advisory("nvd", "CVE-3", vec![configuration(firmware)]),
            advisory(
                "csaf:CISA",
                "CVE-4",
                vec![says(prose, Status::Unknown, vec![row(range("..3.0"), Status::Affected)])],
            ),
            advisory(
                "nvd",
                "CVE-5",
                vec![configuration(any(&[
                    "a:example:viewer:* ..2.0",
                    "o:microsoft:windows_10:1607",
                ]))],
            ),
        ]
    }

    const PARTS: &[&str] = &[
        "system Microsoft | Windows 10 1607",
        "system Canonical | Ubuntu 22.04",
        "system Microsoft | Windows 10",
        "device GE | Monitor | 2.0",
        "device GE | Monitor",
        "application Example | Viewer | 1.0",
        "application Example | Viewer | 2.5",
        "application Example | Forum | 1.0",
        "application | PHP | 7.4",
        "application | PHP | 8.1",
        "package | pkg:npm/left-pad@1.0.0",
    ];

    /// Every bill of one, two or three parts.
    fn bills() -> Vec<Vec<usize>> {
        let all = 0..PARTS.len();
        let mut bills: Vec<Vec<usize>> = Vec::new();
        for a in all.clone() {
            for b in a..PARTS.len() {
                for c in b..PARTS.len() {
                    let mut bill = vec![a, b, c];
                    bill.dedup();
                    bills.push(bill);
                }
            }
        }
        bills
    }

    #[test]
    fn columns_say_of_every_bill_what_is_said_of_it_alone() {
        let catalogue = Catalogue::build(&advisories(), &Aliases::default());
        let mut dictionary = Dictionary::default();
        let mut fleet = Fleet::default();
        for (number, bill) in (0..).zip(bills()) {
            fleet.bills.push(bill.iter().map(|&part| dictionary.intern(&component(PARTS[part]))));
            fleet.assets.push(number);
        }
        let findings = Findings::of(&catalogue, &dictionary);
        let platforms = Platforms::of(&dictionary, &fleet);
        let exposures = Exposures::of(&catalogue, &dictionary, &findings, &fleet, &platforms);
        for (number, bill) in (0..).zip(bills()) {
            let components: Vec<Component> =
                bill.iter().map(|&part| component(PARTS[part])).collect();
            let mut alone: Vec<(String, Verdict)> = catalogue
                .judge(&components)
                .into_iter()
                .filter(|judgement| judgement.verdict != Verdict::NotAffected)
                .map(|judgement| (judgement.vulnerability, judgement.verdict))
                .collect();
            let mut in_columns: Vec<(String, Verdict)> = exposures
                .of_bill(number)
                .map(|(finding, verdict)| {
                    let vulnerability = findings.vulnerability(finding).expect("a finding");
                    (catalogue.vulnerability(vulnerability).to_owned(), verdict)
                })
                .collect();
            alone.sort();
            in_columns.sort();
            assert_eq!(alone, in_columns, "{components:#?}");
        }
    }

    #[test]
    fn a_new_vulnerability_finds_its_assets_without_the_others() {
        let catalogue = Catalogue::build(&[], &Aliases::default());
        let mut dictionary = Dictionary::default();
        let mut fleet = Fleet::default();
        for bill in bills() {
            fleet.bills.push(bill.iter().map(|&part| dictionary.intern(&component(PARTS[part]))));
        }
        // Two assets share each bill.
        fleet.assets = (0..number(fleet.bills.len())).flat_map(|bill| [bill, bill]).collect();
        let findings = Findings::of(&catalogue, &dictionary);
        let platforms = Platforms::of(&dictionary, &fleet);
        let back = WaysBack::of(&fleet, dictionary.len());
        for advisory in advisories() {
            let news = Catalogue::build([&advisory], &Aliases::default());
            let found = newly_exposed(&news, &dictionary, &findings, &fleet, &platforms, &back);
            let mut expected = Vec::new();
            for (asset, &bill) in (0..).zip(&fleet.assets) {
                let parts = fleet.bills.get(bill).iter().filter_map(|&part| dictionary.get(part));
                let components: Vec<Component> = parts.cloned().collect();
                let worst =
                    news.judge(&components).into_iter().map(|judgement| judgement.verdict).max();
                expected.extend(
                    worst
                        .filter(|worst| *worst != Verdict::NotAffected)
                        .map(|worst| (asset, worst)),
                );
            }
            assert_eq!(found, expected, "{}", advisory.vulnerability);
        }
    }

    #[test]
    fn two_components_that_differ_in_anything_are_two() {
        let mut dictionary = Dictionary::default();
        let plain = component("device GE | Monitor | 2.0");
        let mut fitted = plain.clone();
        fitted.options.push("wireless".to_owned());
        let mut nameless = plain.clone();
        nameless.vendor = None;
        let numbers: Vec<u32> =
            [&plain, &fitted, &nameless, &plain].map(|one| dictionary.intern(one)).to_vec();
        assert_eq!(numbers, [0, 1, 2, 0]);
    }
}
