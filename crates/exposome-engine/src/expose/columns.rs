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
use super::condition::{Asks, Conditions};
use super::held::{Held, Hit};
use super::interned::{Word, Words};
use super::lean::{Lean, Scratch};
use super::platform::Fit;
use super::subject::{Subject, without_version};
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
    /// Platform -> its systems, its devices.
    parts: Vec<[u32; 2]>,
    systems: Sets,
    devices: Sets,
}

/// Different sets of components; the empty one is number 0.
#[derive(Debug)]
struct Sets {
    components: Rows,
    /// Component -> the set of it alone; 0 where there is none.
    alone: Vec<u32>,
    several: BTreeMap<Vec<u32>, u32>,
}

impl Default for Sets {
    fn default() -> Sets {
        let mut components = Rows::default();
        components.push([]);
        Sets { components, alone: Vec::new(), several: BTreeMap::new() }
    }
}

impl Sets {
    fn of(&mut self, own: &mut [u32]) -> u32 {
        let next = number(self.components.len());
        own.sort_unstable();
        let set = match &*own {
            [] => return 0,
            [one] => {
                let place = *one as usize;
                if self.alone.len() <= place {
                    self.alone.resize(place + 1, 0);
                }
                match self.alone.get_mut(place) {
                    Some(set) if *set != 0 => *set,
                    Some(set) => {
                        *set = next;
                        next
                    }
                    None => 0,
                }
            }
            several => *self.several.entry(several.to_vec()).or_insert(next),
        };
        if set == next {
            self.components.push(own.iter().copied());
        }
        set
    }
}

impl Platforms {
    pub fn of(dictionary: &Dictionary, fleet: &Fleet) -> Platforms {
        let kinds: Vec<ComponentKind> =
            dictionary.components.iter().map(|component| component.kind).collect();
        let mut known: HashMap<u64, u32, BuildHasherDefault<Folding>> = HashMap::default();
        let mut platforms = Platforms::default();
        let (mut systems, mut devices) = (Vec::new(), Vec::new());
        for bill in fleet.bills.iter() {
            systems.clear();
            devices.clear();
            for &component in bill {
                match kinds.get(component as usize) {
                    Some(ComponentKind::System) => systems.push(component),
                    Some(ComponentKind::Device) => devices.push(component),
                    _ => {}
                }
            }
            let parts = [platforms.systems.of(&mut systems), platforms.devices.of(&mut devices)];
            let next = number(platforms.parts.len());
            let platform = *known.entry(pair(parts[0], parts[1])).or_insert(next);
            if platform == next {
                platforms.parts.push(parts);
            }
            platforms.of_bill.push(platform);
        }
        platforms
    }

    /// How many different ones there are.
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    fn of_bill(&self, bill: u32) -> u32 {
        self.of_bill.get(bill as usize).copied().unwrap_or(u32::MAX)
    }

    fn parts_of(&self, platform: u32) -> [u32; 2] {
        self.parts.get(platform as usize).copied().unwrap_or_default()
    }

    /// What an answer that asks for these things can tell from other platforms: the number of
    /// its systems and that of its devices.
    fn seen(&self, platform: u32, asks: Asks) -> [u32; 2] {
        let [systems, devices] = self.parts_of(platform);
        [if asks.systems { systems } else { 0 }, if asks.devices { devices } else { 0 }]
    }

    fn components(&self, [systems, devices]: [u32; 2]) -> impl Iterator<Item = u32> {
        let rows = [self.systems.components.get(systems), self.devices.components.get(devices)];
        rows.into_iter().flatten().copied()
    }
}

/// What is said of each component of a dictionary.
///
/// Pairs that are not affected whatever else is on the asset are left out.
#[derive(Debug, Default)]
pub struct Findings {
    /// Findings that hold whatever else is there, packed with their verdict; their numbers are
    /// their places.  Those that hang on the rest of the bill are numbered behind them.
    settled: Vec<u32>,
    /// Component -> where its settled findings and where its questions begin.
    starts: Vec<[u32; 2]>,
    vulnerabilities: Vec<u32>,
    /// Of each open finding, in order: what it hangs on, and which claims to ask again.
    questions: Vec<Question>,
    claims: Vec<(u32, Hit)>,
    conditions: Conditions,
    /// Numbers of the conditions that questions hang on and on nothing else.
    hinges: Vec<u32>,
    /// Condition -> what it can tell apart.
    asks: Vec<Asks>,
    /// Components that others hang on or that hang on others, read once.
    subjects: BTreeMap<u32, Subject>,
    /// Key -> products known under it.
    keys: Words,
    known_as: Rows,
    /// Key -> whether systems and devices go by it.
    kinds: Vec<Asks>,
    /// Product -> components.
    products: Rows,
}

/// What is said of a component; its question, if it is open.
#[derive(Debug, Clone, Copy)]
struct Judged {
    vulnerability: u32,
    verdict: Verdict,
    question: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Question {
    depends: Depends,
    claims: (u32, u32),
    /// Its range in [`Findings::hinges`]; nothing where it hangs on something else too.
    hinges: Option<(u32, u32)>,
}

/// With more conditions a question is asked in each platform anew.
const MOST_HINGES: usize = 3;

impl Findings {
    /// Judges every component of the dictionary once.
    pub fn of(catalogue: &Catalogue, dictionary: &Dictionary) -> Findings {
        let mut judged: Vec<Judged> = Vec::new();
        // Component -> its range in `judged`.
        let mut of_component = vec![(0, 0); dictionary.len()];
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
                    let key = findings.keys.intern(key);
                    filed.push((key.0, number(findings.products.len())));
                    findings.note_kind(key, subject.kind);
                }
            }
            catalogue.judge_subject(&subject, described, again, &mut scratch);
            let mut hangs = is_hung_on(&subject, catalogue);
            let first = judged.len();
            for one in scratch.found() {
                if one.depends == Depends::OnItself && one.verdict == Verdict::NotAffected {
                    continue;
                }
                let question = (one.depends != Depends::OnItself).then(|| {
                    findings.ask(catalogue, &subject, one.depends, scratch.claims_of(one))
                });
                hangs |= question.is_some();
                let Lean { vulnerability, verdict, .. } = *one;
                judged.push(Judged { vulnerability, verdict, question });
            }
            if let Some(range) = of_component.get_mut(component as usize) {
                *range = (first, judged.len());
            }
            if hangs {
                findings.subjects.insert(component, subject.clone());
            }
            last = Some((described, subject));
        }
        findings.products.close();
        findings.known_as = gather(filed, findings.keys.len());
        findings.number(&judged, &of_component);
        let known_as = |key: &str| findings.kind_of(key);
        findings.asks =
            findings.conditions.iter().map(|one| one.asks(catalogue, known_as)).collect();
        findings
    }

    fn note_kind(&mut self, key: Word, kind: ComponentKind) {
        let asks = match kind {
            ComponentKind::System => Asks::SYSTEMS,
            ComponentKind::Device => Asks::DEVICES,
            ComponentKind::Application | ComponentKind::Package => Asks::default(),
        };
        if self.kinds.len() <= key.0 as usize {
            self.kinds.resize(key.0 as usize + 1, Asks::default());
        }
        if let Some(known) = self.kinds.get_mut(key.0 as usize) {
            *known = known.and(asks);
        }
    }

    fn kind_of(&self, key: &str) -> Asks {
        let known = self.keys.find(key).and_then(|key| self.kinds.get(key.0 as usize));
        known.copied().unwrap_or_default()
    }

    /// Notes down what has to be asked again in a bill; the number of the question.
    fn ask(
        &mut self,
        catalogue: &Catalogue,
        subject: &Subject,
        depends: Depends,
        claims: &[(u32, Hit)],
    ) -> u32 {
        let start = number(self.claims.len());
        self.claims.extend_from_slice(claims);
        let range = (start, number(self.claims.len()));
        // What a distribution says may hang on the name of the system.
        let by_conditions = depends == Depends::OnPlatform && subject.distribution.is_none();
        let hinges = if by_conditions { self.hinges_of(catalogue, claims) } else { None };
        self.questions.push(Question { depends, claims: range, hinges });
        number(self.questions.len() - 1)
    }

    /// The conditions of the claims, if the answer hangs on nothing else.
    fn hinges_of(&mut self, catalogue: &Catalogue, claims: &[(u32, Hit)]) -> Option<(u32, u32)> {
        let start = self.hinges.len();
        for &(claim, _) in claims {
            let condition = self.conditions.of_claim(catalogue, claim);
            let known = self.hinges.get(start..).unwrap_or_default();
            match condition {
                Some(condition) if condition != 0 && !known.contains(&condition) => {
                    self.hinges.push(condition);
                }
                Some(_) => {}
                None => {
                    self.hinges.truncate(start);
                    return None;
                }
            }
        }
        if self.hinges.len() > start + MOST_HINGES {
            self.hinges.truncate(start);
            return None;
        }
        Some((number(start), number(self.hinges.len())))
    }

    /// Numbers the findings: first those that hold by themselves, then the open ones, both in the
    /// order of the components.
    fn number(&mut self, judged: &[Judged], of_component: &[(usize, usize)]) {
        let asked = std::mem::take(&mut self.questions);
        self.settled.reserve_exact(judged.len() - asked.len());
        self.starts.reserve_exact(of_component.len() + 1);
        self.starts.push([0, 0]);
        let mut open = Vec::with_capacity(asked.len());
        for &(start, end) in of_component {
            for one in judged.get(start..end).unwrap_or_default() {
                if let Some(question) = one.question.and_then(|place| asked.get(place as usize)) {
                    open.push(one.vulnerability);
                    self.questions.push(*question);
                } else {
                    self.settled.push(pack(number(self.settled.len()), one.verdict));
                    self.vulnerabilities.push(one.vulnerability);
                }
            }
            self.starts.push([number(self.settled.len()), number(self.questions.len())]);
        }
        self.vulnerabilities.extend(open);
    }

    /// Where the settled findings and the questions of a component begin, and where they end.
    fn said_of(&self, component: u32) -> [[u32; 2]; 2] {
        let place = component as usize;
        let begin = self.starts.get(place).copied().unwrap_or_default();
        [begin, self.starts.get(place + 1).copied().unwrap_or(begin)]
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

    /// The number of the finding that a question leaves open.
    fn finding(&self, place: u32) -> u32 {
        number(self.settled.len()) + place
    }

    fn question(&self, place: u32) -> Option<(Question, &[(u32, Hit)])> {
        let question = self.questions.get(place as usize)?;
        Some((*question, self.claims.get(question.claims.0 as usize..question.claims.1 as usize)?))
    }

    fn hinges(&self, question: &Question) -> Option<&[u32]> {
        let (start, end) = question.hinges?;
        self.hinges.get(start as usize..end as usize)
    }
}

/// The components with those of one product together: what is said of it is then still at hand.
fn by_product(dictionary: &Dictionary) -> Vec<u32> {
    let mut products = Words::default();
    let mut written = String::new();
    let mut filed: Vec<(u32, u32)> = Vec::with_capacity(dictionary.len());
    for (place, component) in (0..).zip(dictionary.components()) {
        written.clear();
        let purl = component.purl.as_deref().map(|purl| without_version(purl).0);
        let name = Some(component.name.as_str());
        for part in [component.vendor.as_deref(), component.cpe.as_deref(), purl, name] {
            written.push_str(part.unwrap_or_default());
            written.push('\u{1f}');
        }
        filed.push((products.intern(&written).0, place));
    }
    gather(filed, products.len()).values
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
        let bills = fleet.bills.len();
        let mut rows = Rows::with_capacity(bills, 0);
        let mut around = Around::new(catalogue, dictionary, findings, platforms);
        let mut answers = Answers::new(findings);
        let mut said = Vec::new();
        for (bill, components) in (0..).zip(fleet.bills.iter()) {
            let asset = Asset { platform: platforms.of_bill(bill), components };
            // All the places first: memory then looks for them at the same time.
            said.clear();
            said.extend(components.iter().map(|&component| findings.said_of(component)));
            for (&component, &[[start, asked], [end, asked_end]]) in components.iter().zip(&said) {
                let settled = findings.settled.get(start as usize..end as usize);
                rows.values.extend_from_slice(settled.unwrap_or_default());
                for question in asked..asked_end {
                    let verdict = answers.of(question, component, &asset, &mut around);
                    if verdict != Verdict::NotAffected {
                        rows.values.push(pack(findings.finding(question), verdict));
                    }
                }
            }
            rows.push([]);
        }
        Exposures { rows }
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
    /// What can be seen of a platform -> its components, read.
    bills: BTreeMap<[u32; 2], Bill<'a>>,
}

/// A bill, and what of it many others have as well.
struct Asset<'a> {
    platform: u32,
    components: &'a [u32],
}

/// Answers that are found once.
struct Answers {
    /// Condition that asks for systems only -> set of systems -> how it fits.
    on_systems: Vec<Vec<Option<Fitting>>>,
    /// Any other condition and what it sees of a platform -> how it fits.
    fits: HashMap<(u32, u64), Fitting, BuildHasherDefault<Folding>>,
    /// Question -> where its verdicts begin, and the one condition it hangs on; 0 if they are several.
    hangs: Vec<(u32, u32)>,
    /// A verdict for each way in which the conditions of a question may fit.
    verdicts: Vec<Option<Verdict>>,
    /// Question and platform, where more is asked than conditions.
    on_platforms: HashMap<u64, Verdict, BuildHasherDefault<Folding>>,
}

/// How a condition fits, without the words for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fitting {
    Yes,
    No,
    Unknown,
    Unread,
}

impl Fitting {
    const ALL: usize = 4;

    fn of(fit: &Fit) -> Fitting {
        match fit {
            Fit::Yes => Fitting::Yes,
            Fit::No => Fitting::No,
            Fit::Unknown(_) => Fitting::Unknown,
            Fit::Unread(_) => Fitting::Unread,
        }
    }

    fn fit(self) -> Fit {
        match self {
            Fitting::Yes => Fit::Yes,
            Fitting::No => Fit::No,
            Fitting::Unknown => Fit::unknown("a fact"),
            Fitting::Unread => Fit::Unread("a fact".into()),
        }
    }
}

impl Answers {
    fn new(findings: &Findings) -> Answers {
        let mut hangs = Vec::with_capacity(findings.questions.len());
        let mut len = 0;
        for question in &findings.questions {
            let hinges = findings.hinges(question);
            let one = match hinges {
                Some([one]) => *one,
                _ => 0,
            };
            hangs.push((number(len), one));
            len += hinges.map_or(0, |hinges| hinges.iter().fold(1, |all, _| all * Fitting::ALL));
        }
        Answers {
            on_systems: vec![Vec::new(); findings.asks.len()],
            fits: HashMap::default(),
            hangs,
            verdicts: vec![None; len],
            on_platforms: HashMap::default(),
        }
    }

    /// What a question about a component comes to on an asset.
    fn of(
        &mut self,
        question: u32,
        component: u32,
        asset: &Asset<'_>,
        around: &mut Around<'_>,
    ) -> Verdict {
        self.known(question, asset, around)
            .unwrap_or_else(|| self.found(question, component, asset, around))
    }

    /// Nearly all questions hang on one condition, and nearly all conditions on the system.
    fn known(&self, question: u32, asset: &Asset<'_>, around: &Around<'_>) -> Option<Verdict> {
        let &(start, condition) = self.hangs.get(question as usize)?;
        let [systems, _] = around.platforms.parts_of(asset.platform);
        let fit = (*self.on_systems.get(condition as usize)?.get(systems as usize)?)?;
        *self.verdicts.get(start as usize + fit as usize)?
    }

    fn found(
        &mut self,
        place: u32,
        component: u32,
        asset: &Asset<'_>,
        around: &mut Around<'_>,
    ) -> Verdict {
        let findings = around.findings;
        let Some((question, _)) = findings.question(place) else { return Verdict::NotAffected };
        if let Some(hinges) = findings.hinges(&question) {
            return self.by_conditions(place, component, hinges, asset.platform, around);
        }
        if question.depends == Depends::OnPlatform {
            let known = self.on_platforms.entry(pair(place, asset.platform));
            return *known.or_insert_with(|| around.answer(place, component, asset));
        }
        around.answer(place, component, asset)
    }

    fn by_conditions(
        &mut self,
        question: u32,
        component: u32,
        hinges: &[u32],
        platform: u32,
        around: &mut Around<'_>,
    ) -> Verdict {
        let mut fits = [Fitting::Yes; MOST_HINGES];
        let mut place = 0;
        for (fit, &condition) in fits.iter_mut().zip(hinges) {
            *fit = self.fit(condition, component, platform, around);
            place = place * Fitting::ALL + *fit as usize;
        }
        let (start, _) = self.hangs.get(question as usize).copied().unwrap_or_default();
        match self.verdicts.get_mut(start as usize + place) {
            Some(known) => *known
                .get_or_insert_with(|| around.by_conditions(question, component, hinges, fits)),
            None => Verdict::NotAffected,
        }
    }

    fn fit(
        &mut self,
        condition: u32,
        component: u32,
        platform: u32,
        around: &mut Around<'_>,
    ) -> Fitting {
        let asks = around.findings.asks.get(condition as usize).copied().unwrap_or_default();
        let seen = around.platforms.seen(platform, asks);
        if asks != Asks::SYSTEMS {
            let known = self.fits.entry((condition, pair(seen[0], seen[1])));
            return *known.or_insert_with(|| around.meets(condition, component, seen));
        }
        let Some(fits) = self.on_systems.get_mut(condition as usize) else {
            return Fitting::Unknown;
        };
        fits.resize(around.platforms.systems.components.len(), None);
        match fits.get_mut(seen[0] as usize) {
            Some(known) => *known.get_or_insert_with(|| around.meets(condition, component, seen)),
            None => Fitting::Unknown,
        }
    }
}

impl<'a> Around<'a> {
    fn new(
        catalogue: &'a Catalogue,
        dictionary: &'a Dictionary,
        findings: &'a Findings,
        platforms: &'a Platforms,
    ) -> Around<'a> {
        Around { catalogue, dictionary, findings, platforms, bills: BTreeMap::new() }
    }

    /// What a question about a component comes to on an asset.
    fn answer(&mut self, question: u32, component: u32, asset: &Asset<'_>) -> Verdict {
        let Some((depends, asked)) = self.asked(question, component) else {
            return Verdict::NotAffected;
        };
        match depends {
            Depends::OnPlatform => self.on_platform(&asked, asset.platform),
            depends => self.in_bill(&asked, depends, asset.components),
        }
    }

    fn asked(&self, question: u32, component: u32) -> Option<(Depends, Asked<'a>)> {
        let (question, claims) = self.findings.question(question)?;
        let subject = self.findings.subjects.get(&component)?;
        let described = self.dictionary.get(component)?;
        Some((question.depends, Asked { catalogue: self.catalogue, subject, described, claims }))
    }

    /// What a question comes to where its conditions fit so.
    fn by_conditions(
        &self,
        question: u32,
        component: u32,
        hinges: &[u32],
        fits: [Fitting; MOST_HINGES],
    ) -> Verdict {
        let Some((_, asked)) = self.asked(question, component) else { return Verdict::NotAffected };
        let fits = fits.map(Fitting::fit);
        asked.settle_told(|claim| {
            let condition = self.findings.conditions.known(claim);
            let place = hinges.iter().position(|hinge| condition == Some(*hinge));
            place.and_then(|place| fits.get(place)).unwrap_or(&Fit::Yes)
        })
    }

    /// Whether a condition holds on what it sees of a platform; no matter which component asks.
    fn meets(&mut self, condition: u32, component: u32, seen: [u32; 2]) -> Fitting {
        let (catalogue, dictionary, findings) = (self.catalogue, self.dictionary, self.findings);
        let asker = findings.subjects.get(&component).zip(dictionary.get(component));
        let (Some((subject, described)), Some(condition)) =
            (asker, findings.conditions.get(condition))
        else {
            return Fitting::Unknown;
        };
        let bill = self.bill_of(seen);
        let held = Held::new(catalogue, subject, described, bill, false);
        Fitting::of(&held.meets(condition))
    }

    /// On the systems and devices of a bill.
    fn on_platform(&mut self, asked: &Asked<'_>, platform: u32) -> Verdict {
        let seen = self.platforms.seen(platform, Asks::SYSTEMS.and(Asks::DEVICES));
        asked.settle(self.bill_of(seen))
    }

    fn bill_of(&mut self, seen: [u32; 2]) -> &Bill<'a> {
        let (findings, dictionary, platforms) = (self.findings, self.dictionary, self.platforms);
        self.bills
            .entry(seen)
            .or_insert_with(|| Bill::of(parts(platforms.components(seen), findings, dictionary)))
    }

    /// On programs, or on anything: the bill is read for it.
    fn in_bill(&self, asked: &Asked<'_>, depends: Depends, components: &[u32]) -> Verdict {
        if depends == Depends::OnPrograms {
            let components = components.iter().copied();
            return asked.settle(&Bill::of(parts(components, self.findings, self.dictionary)));
        }
        in_whole_bill(asked, components, self.dictionary)
    }
}

/// The components of a bill that something may hang on.
fn parts<'a>(
    components: impl Iterator<Item = u32>,
    findings: &'a Findings,
    dictionary: &'a Dictionary,
) -> Vec<(&'a Subject, &'a Component)> {
    let part = |number: u32| findings.subjects.get(&number).zip(dictionary.get(number));
    components.filter_map(part).collect()
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
        let held = Held::new(self.catalogue, self.subject, self.described, bill, false);
        held.settle(self.claims, |_| None)
    }

    /// Where it is known how the condition of each claim fits.
    fn settle_told<'f>(&self, told: impl Fn(u32) -> &'f Fit) -> Verdict {
        let bill = Bill::of(Vec::new());
        let held = Held::new(self.catalogue, self.subject, self.described, &bill, false);
        held.settle(self.claims, |claim| Some(told(claim)))
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
    let mut around = Around::new(news, dictionary, findings, platforms);
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

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0 ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ mixed >> 32;
    }
}

fn pair(one: u32, other: u32) -> u64 {
    u64::from(one) << 32 | u64::from(other)
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::aliases::Aliases;
    use super::super::trial::*;
    use super::*;
    use exposome_model::knowledge::{Advisory, Node, Status, Versions};

    fn advisories() -> Vec<Advisory> {
        let on_windows =
            Node::All(vec![any(&["a:example:viewer:* ..3.0"]), any(&["~o:microsoft:windows:-"])]);
        let with_php =
            Node::All(vec![any(&["a:example:forum:* ..3.0"]), any(&["~a:php:php:* ..8.0"])]);
        let firmware =
            Node::All(vec![any(&["o:ge:monitor_firmware:* ..3.0"]), any(&["~h:ge:monitor:-"])]);
        let not_on_ubuntu = Node::All(vec![
            any(&["a:example:viewer:* ..3.0", "a:example:viewer:2.7"]),
            Node::Not(Box::new(any(&["~o:canonical:ubuntu:-"]))),
            any(&["~o:canonical:ubuntu:-", "~o:microsoft:windows_10:1607"]),
        ]);
        let beside_the_monitor = Node::All(vec![
            any(&["a:example:viewer:* ..3.0"]),
            any(&["~h:ge:monitor:-"]),
            any(&["~o:microsoft:windows:-"]),
        ]);
        // Settled by the assigner for some versions, left to NVD for others.
        let by_its_maker = |versions: &str| {
            let rows = vec![row(range(versions), Status::Affected)];
            says(product("Example", "Viewer"), Status::Unknown, rows)
        };
        let mut prose = product("GE", "Monitor with wireless option");
        prose.platforms = vec!["Linux".to_owned()];
        vec![
            advisory("nvd", "CVE-1", vec![configuration(on_windows.clone())]),
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
            advisory("nvd", "CVE-6", vec![configuration(not_on_ubuntu)]),
            advisory("cve:example", "CVE-10", vec![by_its_maker("..2.0")]),
            advisory("nvd", "CVE-10", vec![configuration(on_windows.clone())]),
            advisory("cve:example", "CVE-11", vec![by_its_maker("2.0..3.0")]),
            advisory("nvd", "CVE-11", vec![configuration(on_windows.clone())]),
            advisory(
                "nvd",
                "CVE-7",
                vec![configuration(any(&["a:example:forum:*:*:*:*:*:windows ..3.0"]))],
            ),
            advisory("nvd", "CVE-8", vec![configuration(beside_the_monitor)]),
            advisory(
                "csaf:CISA",
                "CVE-9",
                vec![says(
                    product("GE", "Xeleris 3.1"),
                    Status::Unknown,
                    vec![row(Versions::Any, Status::Affected)],
                )],
            ),
        ]
    }

    const PARTS: &[&str] = &[
        "system Microsoft | Windows 10 1607",
        "system Canonical | Ubuntu 22.04",
        "system Microsoft | Windows 10",
        "device GE | Monitor | 2.0",
        "device GE | Monitor",
        "device GE | Xeleris | 3.1",
        "device GE | Xeleris | 4.0",
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
