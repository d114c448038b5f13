//! From claims to judgements: each component of a bill against all that is said of it.

use super::bill::Bill;
use super::catalogue::{About, Catalogue, Claim, CpePattern, Scope, TreeNode};
use super::distribution;
use super::platform::{self, Fit, family, on_platform, runs};
use super::product_text::Recognition;
use super::rows::{Context, Doubt, Holding, Means, Row, Side};
use super::subject::{Known, Subject};
use super::weigh::{Outcome, Said, weigh};
use super::windows::Fits;
use super::interned::Words;
use exposome_model::exposure::{Confidence, Evidence, Judgement, Verdict};
use exposome_model::inventory::{Component, ComponentKind};
use exposome_model::knowledge::Status;
use std::borrow::Cow;
use std::fmt;

impl Catalogue {
    /// Judges every component of one asset's bill on every vulnerability that is said of its product.
    pub fn judge(&self, components: &[Component]) -> Vec<Judgement> {
        let bill = Bill::read(components, &self.names, &self.aliases);
        let mut judgements = Vec::new();
        for (place, (subject, component)) in (0..).zip(bill.subjects.iter().zip(components)) {
            let asked = Asked::new(self, subject, component, &bill);
            asked.judgements(place, &mut judgements);
        }
        judgements
    }
}

/// How a claim was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hit {
    Key(Known),
    /// By words of free text: a candidate, to be looked at closely.
    Text,
}

/// One component in its bill, with the catalogue it is held against.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) subject: &'a Subject,
    pub(super) component: &'a Component,
    /// The version that is held against ranges: of a distribution's package, upstream's.
    pub(super) version: Option<&'a str>,
    pub(super) bill: &'a Bill<'a>,
}

/// Notes down why, if anybody wants to know.
#[derive(Debug, Default)]
pub(super) struct Why {
    wanted: bool,
    text: String,
}

impl Why {
    pub(super) fn wanted() -> Why {
        Why { wanted: true, text: String::new() }
    }

    pub(super) fn say(&mut self, words: fmt::Arguments<'_>) {
        if self.wanted {
            if !self.text.is_empty() {
                self.text.push_str("; ");
            }
            let _ = fmt::Write::write_fmt(&mut self.text, words);
        }
    }
}

impl<'a> Asked<'a> {
    pub(super) fn new(
        catalogue: &'a Catalogue,
        subject: &'a Subject,
        component: &'a Component,
        bill: &'a Bill<'a>,
    ) -> Asked<'a> {
        Asked { catalogue, subject, component, version: subject.version.as_deref(), bill }
    }

    fn judgements(&self, place: u32, judgements: &mut Vec<Judgement>) {
        let mut said: Vec<(u32, Said, String)> = Vec::new();
        for (number, hit) in self.candidates() {
            let Some(claim) = self.catalogue.claims.get(number as usize) else { continue };
            let mut why = Why::wanted();
            if let Some(one) = self.say(number, claim, hit, &mut why) {
                said.push((claim.vulnerability, one, why.text));
            }
        }
        said.sort_by_key(|(vulnerability, one, _)| (*vulnerability, one.standing, one.claim));
        for group in said.chunk_by(|(a, ..), (b, ..)| a == b) {
            let mut weighing: Vec<Said> = group.iter().map(|(_, one, _)| one.clone()).collect();
            let (Some(weighed), Some((vulnerability, ..))) = (weigh(&mut weighing), group.first()) else { continue };
            judgements.push(Judgement {
                component: place,
                vulnerability: self.catalogue.vulnerability(*vulnerability).to_owned(),
                verdict: weighed.verdict,
                confidence: weighed.confidence,
                missing_fact: weighed.missing_fact.map(Cow::into_owned),
                evidence: self.evidence(group),
                fixed_in: if weighed.verdict == Verdict::NotAffected { None } else { self.fixed_in(group) },
            });
        }
    }

    /// The claims that may concern the component, each once, with its surest way of being found.
    pub(super) fn candidates(&self) -> Vec<(u32, Hit)> {
        let mut found = Vec::new();
        for (key, known) in &self.subject.keys {
            found.extend(self.catalogue.filed_under(key).iter().map(|&claim| (claim, Hit::Key(*known))));
        }
        for key in &self.subject.text_keys {
            found.extend(self.catalogue.filed_under(&format!("t:{key}")).iter().map(|&claim| (claim, Hit::Text)));
        }
        found.sort_unstable();
        found.dedup_by_key(|(claim, _)| *claim);
        found
    }

    /// What one claim says; `None` if it is about something else.
    pub(super) fn say(&self, number: u32, claim: &Claim, hit: Hit, why: &mut Why) -> Option<Said> {
        let recognised = self.recognise(claim, hit, why)?;
        let mut said = Said {
            claim: number,
            standing: claim.standing,
            outcome: Outcome::Silent,
            confidence: recognised.confidence,
            conditional: claim.tree != 0 || claim.scope != 0,
        };
        if recognised.fit == Fit::No {
            said.outcome = if recognised.left_out { Outcome::NotAffected } else { Outcome::NotListed };
            return Some(said);
        }
        let Some(distribution) = &self.subject.distribution else {
            said.outcome = self.outcome(claim, recognised.fit, why, &mut said.confidence);
            return Some(said);
        };
        if let Some(word) = distribution::own_word(self, claim, why) {
            said.outcome = word.outcome;
            said.standing = word.standing;
            said.confidence = Confidence::High;
            return Some(said);
        }
        let upstream = Asked { version: distribution.upstream_version.as_deref(), ..*self };
        let outcome = upstream.outcome(claim, recognised.fit, why, &mut said.confidence);
        said.outcome = distribution::second_hand(self, claim, outcome);
        Some(said)
    }

    fn outcome(&self, claim: &Claim, product: Fit, why: &mut Why, confidence: &mut Confidence) -> Outcome {
        let versions = self.versions(claim, why, confidence);
        match versions {
            Outcome::NotAffected | Outcome::NotListed | Outcome::Silent => return versions,
            Outcome::Affected | Outcome::Open(_) | Outcome::Unreadable(_) => {}
        }
        let mut fit = product.and(self.in_scope(claim, why));
        if claim.tree != 0 {
            fit = fit.and(self.in_tree(claim, why));
        }
        match (fit, versions) {
            (Fit::No, _) => Outcome::NotListed,
            (Fit::Unknown(_), Outcome::Open(fact)) => Outcome::Open(fact),
            (Fit::Unknown(fact), _) => Outcome::Open(fact),
            (Fit::Yes, versions) => versions,
        }
    }

    fn recognise(&self, claim: &Claim, hit: Hit, why: &mut Why) -> Option<Recognised> {
        let confidence = match hit {
            Hit::Key(Known::Identifier) => Confidence::High,
            Hit::Key(Known::Name) => Confidence::Medium,
            Hit::Key(Known::LoneName) | Hit::Text => Confidence::Low,
        };
        match claim.about {
            About::Cpe(place) => {
                let cpe = self.catalogue.cpes.get(place as usize)?;
                why.say(format_args!("product by name {}", self.catalogue.words.get(cpe.text)));
                let fit = self.cpe_fits(cpe);
                Some(Recognised { fit, confidence, left_out: false })
            }
            About::Package(place) => {
                let package = self.catalogue.packages.get(place as usize)?;
                why.say(format_args!("package {} {}", package.kind(), package.name()));
                Some(Recognised { fit: Fit::Yes, confidence, left_out: false })
            }
            About::Named(place) => {
                let named = self.catalogue.named.get(place as usize)?;
                if let Some(windows) = named.windows {
                    let fit = self.subject.windows.map_or(Fit::No, |own| from_fits(own.is_one_of(windows)));
                    why.say(format_args!("product {}", self.catalogue.words.get(named.text)));
                    return Some(Recognised { fit, confidence, left_out: false });
                }
                if hit != Hit::Text {
                    why.say(format_args!("product \"{}\" has the same name", self.catalogue.words.get(named.text)));
                    return Some(Recognised { fit: Fit::Yes, confidence, left_out: false });
                }
                // A catalogue's own names are exact; only of devices are they also prose.
                let close = named.prose || self.subject.kind == ComponentKind::Device;
                self.recognise_text(named.pattern.as_deref().filter(|_| close)?, why)
            }
        }
    }

    fn recognise_text(&self, pattern: &super::product_text::ProductPattern, why: &mut Why) -> Option<Recognised> {
        match pattern.recognise(&self.subject.name, self.component, self.bill.components) {
            Recognition::Same { confidence, because } => {
                why.say(format_args!("{because}"));
                Some(Recognised { fit: Fit::Yes, confidence, left_out: false })
            }
            Recognition::Possibly { missing_fact, confidence, because } => {
                why.say(format_args!("{because}"));
                Some(Recognised { fit: Fit::Unknown(missing_fact.into()), confidence, left_out: false })
            }
            Recognition::Excluded { because } => {
                why.say(format_args!("{because}"));
                Some(Recognised { fit: Fit::No, confidence: Confidence::Medium, left_out: true })
            }
            Recognition::Different => None,
        }
    }

    /// Versions, update, edition and target of a CPE name; vendor and product agree already.
    fn cpe_fits(&self, cpe: &CpePattern) -> Fit {
        if let Some(windows) = cpe.windows {
            let own = self.subject.windows.map_or(Fit::No, |own| from_fits(own.is_one_of(windows)));
            return own.and(self.hardware_fits(cpe));
        }
        self.software_fits(cpe).and(self.hardware_fits(cpe))
    }

    fn software_fits(&self, cpe: &CpePattern) -> Fit {
        let text = |word| self.catalogue.words.get(word);
        let mut fit = Fit::Yes;
        if cpe.target_sw != Words::NONE {
            if let Some(family) = family(text(cpe.target_sw)) {
                fit = fit.and(runs(family, self.bill));
            }
        }
        for edition in [cpe.sw_edition, cpe.edition] {
            if edition != Words::NONE && platform::architecture(text(edition)).is_none() {
                fit = fit.and(self.edition_fits(text(edition)));
            }
        }
        fit
    }

    fn edition_fits(&self, edition: &str) -> Fit {
        use exposome_model::cpe::Attribute;
        if edition == "-" {
            return Fit::Yes;
        }
        let own = self.subject.cpe.as_ref();
        let said = own.and_then(|own| own.text(Attribute::SwEdition).or_else(|| own.text(Attribute::Edition)));
        let wanted = super::names::squash(edition);
        match said {
            Some(said) if super::names::squash(&said) == wanted => Fit::Yes,
            Some(_) => Fit::No,
            None if super::names::squash(&self.component.name).contains(&wanted) => Fit::Yes,
            None => Fit::Unknown(format!("edition: {edition}").into()),
        }
    }

    fn hardware_fits(&self, cpe: &CpePattern) -> Fit {
        let targets = [cpe.target_hw, cpe.edition];
        let wanted = targets.into_iter().find_map(|word| platform::architecture(self.catalogue.words.get(word)));
        wanted.map_or(Fit::Yes, |wanted| wanted.of(self.component))
    }

    /// What the version rows of a claim say, nothing else asked.
    pub(super) fn by_rows(&self, claim: &Claim, why: &mut Why) -> Outcome {
        self.versions(claim, why, &mut Confidence::High.clone())
    }

    fn versions(&self, claim: &Claim, why: &mut Why, confidence: &mut Confidence) -> Outcome {
        if let About::Cpe(place) = claim.about {
            if let Some(cpe) = self.catalogue.cpes.get(place as usize) {
                if let Some(holding) = self.one_version(cpe) {
                    return self.from_holding(holding, claim.default, why);
                }
            }
        }
        let mut open: Option<Outcome> = None;
        let mut past_the_end = false;
        let mut rows = 0;
        for row in self.catalogue.rows.get(claim.rows) {
            rows += 1;
            match self.holds(*row) {
                Holding::Yes => {
                    why.say(format_args!("{} {}", self.own_version(), self.row_in_words(*row, true)));
                    if matches!(row.means, Means::Text(_)) {
                        *confidence = (*confidence).min(Confidence::Medium);
                    }
                    return match open {
                        Some(open) if status_outcome(row.status) != Outcome::Affected => open,
                        _ => status_outcome(row.status),
                    };
                }
                Holding::No(side) => {
                    past_the_end |= side == Side::Above && row.status == Status::Affected;
                    why.say(format_args!("{} {}", self.own_version(), self.row_in_words(*row, false)));
                }
                Holding::Unknown(fact, doubt) => {
                    why.say(format_args!("open: {fact} ({})", self.row_in_words(*row, true)));
                    open.get_or_insert(match doubt {
                        Doubt::Fact => Outcome::Open(fact),
                        Doubt::Reading => Outcome::Unreadable(fact),
                    });
                }
            }
        }
        if let Some(open) = open {
            return open;
        }
        match claim.default {
            Status::Unknown if rows == 0 => Outcome::Unreadable(Cow::Borrowed(NO_VERSIONS)),
            Status::Unknown if past_the_end => Outcome::NotAffected,
            Status::Unknown if self.only_exonerates(claim) => Outcome::Silent,
            Status::Unknown => Outcome::NotListed,
            status => status_outcome(status),
        }
    }

    /// Whether no row of the claim says that anything is affected.
    fn only_exonerates(&self, claim: &Claim) -> bool {
        self.catalogue.rows.get(claim.rows).iter().all(|row| matches!(row.status, Status::Fixed | Status::NotAffected))
    }

    /// The version a CPE name gives itself, with its update.
    fn one_version(&self, cpe: &CpePattern) -> Option<Holding> {
        let words = &self.catalogue.words;
        if cpe.windows.is_some() {
            return None;
        }
        let (version, update) = (words.get(cpe.version), words.get(cpe.update));
        if cpe.version == Words::NONE || version == "-" {
            return self.update_alone(update);
        }
        let Some(own) = self.version else {
            return Some(Holding::Unknown(Cow::Borrowed(self.subject.version_fact()), Doubt::Fact));
        };
        let candidates = [Some(own), self.subject.release.as_deref()];
        let mut best = None;
        for own in candidates.into_iter().flatten() {
            let holding = super::rows::is_version(own, version, update);
            match (&best, &holding) {
                (_, Holding::Yes) => return Some(holding),
                (None | Some(Holding::No(_)), _) => best = Some(holding),
                _ => {}
            }
        }
        best
    }

    /// `windows_7:*:sp1`: the update is named and the version is not.
    fn update_alone(&self, update: &str) -> Option<Holding> {
        if matches!(update, "" | "-") {
            return None;
        }
        let own = self.version.unwrap_or_default();
        let said = super::names::squash(own).contains(&super::names::squash(update));
        (!said).then(|| Holding::Unknown(format!("update level: {update}").into(), Doubt::Fact))
    }

    fn from_holding(&self, holding: Holding, default: Status, why: &mut Why) -> Outcome {
        match holding {
            Holding::Yes => {
                why.say(format_args!("{} is named", self.own_version()));
                Outcome::Affected
            }
            Holding::No(_) if default == Status::NotAffected => Outcome::NotAffected,
            Holding::No(_) => {
                why.say(format_args!("{} is not named", self.own_version()));
                Outcome::NotListed
            }
            Holding::Unknown(fact, Doubt::Fact) => Outcome::Open(fact),
            Holding::Unknown(fact, Doubt::Reading) => Outcome::Unreadable(fact),
        }
    }

    fn holds(&self, row: Row) -> Holding {
        let context = Context {
            words: &self.catalogue.words,
            component: self.component,
            bill: self.bill.components,
            version: self.version,
        };
        self.catalogue.rows.holds(row, self.subject, &context)
    }

    fn own_version(&self) -> String {
        match self.version {
            Some(version) => format!("version {version}"),
            None => "whatever the version, it".to_owned(),
        }
    }

    fn row_in_words(&self, row: Row, inside: bool) -> String {
        let status = match row.status {
            Status::Affected => "affected",
            Status::Fixed => "fixed",
            Status::NotAffected => "not affected",
            Status::UnderInvestigation => "under investigation",
            Status::Unknown => "not known",
        };
        let verb = if inside { "is in" } else { "is not in" };
        format!("{verb} {} ({status})", self.catalogue.rows.in_words(row, &self.catalogue.words))
    }

    fn in_scope(&self, claim: &Claim, why: &mut Why) -> Fit {
        let Some(scope) = self.scope(claim) else { return Fit::Yes };
        let words = &self.catalogue.words;
        let mut fit = Fit::Yes;
        if !scope.platforms.is_empty() {
            let platforms = scope.platforms.iter().map(|text| {
                on_platform(words.get(*text), self.subject, self.component, self.bill)
            });
            fit = fit.and(platforms.reduce(Fit::or).unwrap_or(Fit::Yes));
            if let Some(first) = scope.platforms.first() {
                why.say(format_args!("platforms: {} and {} more", words.get(*first), scope.platforms.len() - 1));
            }
        }
        if let Some(first) = scope.modules.first() {
            let has = |text: &str| {
                let wanted = super::names::squash(text);
                self.component.options.iter().any(|option| super::names::squash(option) == wanted)
            };
            let fitted = scope.modules.iter().any(|module| has(words.get(*module)));
            let module = if fitted { Fit::Yes } else { Fit::Unknown(format!("module: {}", words.get(*first)).into()) };
            fit = fit.and(module);
        }
        let cpes = scope.cpes.iter().filter_map(|place| self.catalogue.cpes.get(*place as usize));
        fit = fit.and(cpes.map(|cpe| self.software_fits(cpe)).reduce(Fit::or).unwrap_or(Fit::Yes));
        match &scope.on {
            Some(on) => fit.and(self.is_on(on, why)),
            None => fit,
        }
    }

    pub(super) fn scope(&self, claim: &Claim) -> Option<&Scope> {
        self.catalogue.scopes.get(claim.scope.checked_sub(1)? as usize)
    }

    /// Whether the product that it must be a part of is on the asset.
    fn is_on(&self, on: &super::catalogue::On, why: &mut Why) -> Fit {
        let name = self.catalogue.words.get(on.text);
        why.say(format_args!("on {name}"));
        let by_cpe = on.cpes.iter().filter_map(|place| self.catalogue.cpes.get(*place as usize));
        let mut fit = by_cpe.map(|cpe| self.has(cpe, &mut Why::default())).fold(None, |all: Option<Fit>, one| {
            Some(all.map_or(one.clone(), |all| all.or(one)))
        });
        if fit == Some(Fit::Yes) {
            return Fit::Yes;
        }
        let Some(named) = self.catalogue.named.get(on.named as usize) else { return Fit::Yes };
        for (subject, component) in self.bill.subjects.iter().zip(self.bill.components) {
            let Some(pattern) = named.pattern.as_deref() else { break };
            match pattern.recognise(&subject.name, component, self.bill.components) {
                Recognition::Same { .. } => return Fit::Yes,
                Recognition::Possibly { missing_fact, .. } => fit = Some(Fit::Unknown(missing_fact.into())),
                Recognition::Excluded { .. } | Recognition::Different => {}
            }
        }
        fit.filter(|fit| *fit != Fit::No).unwrap_or_else(|| Fit::Unknown(format!("whether it is part of {name}").into()))
    }

    /// Whether a thing that a configuration names, vulnerable or not, is on the asset.
    fn has(&self, cpe: &CpePattern, why: &mut Why) -> Fit {
        let key = self.catalogue.key_text(cpe.key);
        let mut known = false;
        let mut fit = Fit::No;
        for (subject, component) in self.bill.known_as(key) {
            known = true;
            let asked = Asked::new(self.catalogue, subject, component, self.bill);
            fit = fit.or(asked.is_this(cpe));
        }
        let text = self.catalogue.words.get(cpe.text);
        if known {
            why.say(format_args!("{text} is {} the asset", if fit == Fit::Yes { "on" } else { "not certainly on" }));
            return fit;
        }
        let fit = self.has_platform(cpe);
        why.say(format_args!("{text} {}", match fit {
            Fit::Yes => "fits the asset",
            Fit::No => "is another platform",
            Fit::Unknown(_) => "may be on the asset",
        }));
        fit
    }

    fn is_this(&self, cpe: &CpePattern) -> Fit {
        let fit = self.cpe_fits(cpe);
        // Hardware has no firmware version, and an inventory's version is the firmware's.
        if cpe.part == b'h' {
            return fit;
        }
        match self.one_version(cpe) {
            None | Some(Holding::Yes) => fit,
            Some(Holding::No(_)) => Fit::No,
            Some(Holding::Unknown(fact, _)) => fit.and(Fit::Unknown(fact)),
        }
    }

    /// The platform is not among the components by name: is it excluded by what is?
    fn has_platform(&self, cpe: &CpePattern) -> Fit {
        let words = &self.catalogue.words;
        let key = self.catalogue.key_text(cpe.key);
        match cpe.part {
            b'o' => {
                let generic = GENERIC_SYSTEMS.iter().find(|(generic, _)| *generic == key);
                if let Some((_, family)) = generic {
                    let runs = runs(*family, self.bill);
                    let definite = cpe.version != Words::NONE && words.get(cpe.version) != "-";
                    return if definite && runs == Fit::Yes { Fit::unknown("operating system version") } else { runs };
                }
                let systems = self.bill.of_kind(ComponentKind::System).count();
                if systems > 0 { Fit::No } else { Fit::unknown("operating system") }
            }
            b'h' => {
                let vendor = key.split(':').nth(1).unwrap_or_default();
                let mut devices = self.bill.of_kind(ComponentKind::Device).peekable();
                let all_others = devices.peek().is_some()
                    && devices.all(|(subject, _)| !subject.vendor.is_empty() && subject.vendor != vendor);
                if all_others { Fit::No } else { Fit::unknown("hardware model") }
            }
            _ => Fit::Unknown(format!("whether {} is installed", plain(words.get(cpe.text))).into()),
        }
    }

    /// Whether the rest of a configuration holds on this asset.
    fn in_tree(&self, claim: &Claim, why: &mut Why) -> Fit {
        let tree = claim.tree.checked_sub(1).and_then(|place| self.catalogue.trees.get(place as usize));
        let Some(tree) = tree else { return Fit::Yes };
        let mut walk = Walk { asked: self, nodes: &tree.nodes, place: 0, claim };
        let value = walk.next(why);
        value.with_it.unwrap_or(value.plain)
    }

    fn evidence(&self, group: &[(u32, Said, String)]) -> Vec<Evidence> {
        let spoke = group.iter().filter(|(_, one, _)| one.outcome != Outcome::Silent);
        let mut evidence: Vec<Evidence> = Vec::new();
        for (_, one, because) in spoke {
            if evidence.len() == MOST_EVIDENCE {
                break;
            }
            let document = self
                .catalogue
                .claims
                .get(one.claim as usize)
                .and_then(|claim| self.catalogue.documents.get(claim.document as usize));
            let Some(document) = document else { continue };
            let one = Evidence {
                publisher: self.catalogue.words.get(document.publisher).to_owned(),
                document: self.catalogue.words.get(document.id).to_owned(),
                because: format!("{}: {because}", one.outcome.in_words()),
            };
            if !evidence.contains(&one) {
                evidence.push(one);
            }
        }
        evidence
    }

    /// The end of the range the component is in, or what a remedy says.
    fn fixed_in(&self, group: &[(u32, Said, String)]) -> Option<String> {
        let words = &self.catalogue.words;
        for (_, one, _) in group {
            if !matches!(one.outcome, Outcome::Affected | Outcome::Open(_)) {
                continue;
            }
            let claim = self.catalogue.claims.get(one.claim as usize)?;
            for row in self.catalogue.rows.get(claim.rows) {
                match row.means {
                    Means::Bounds { to, closed, .. } if !closed.to && to != Words::NONE => {
                        let inside = row.status == Status::Affected && self.holds(*row) != Holding::No(Side::Above);
                        if inside && !words.get(to).ends_with('*') {
                            return Some(words.get(to).to_owned());
                        }
                    }
                    Means::Exact(_, version) if row.status == Status::Fixed => return Some(words.get(version).to_owned()),
                    _ => {}
                }
            }
        }
        group.iter().find_map(|(_, one, _)| {
            let claim = self.catalogue.claims.get(one.claim as usize)?;
            let document = self.catalogue.documents.get(claim.document as usize)?;
            (document.fixed != Words::NONE).then(|| words.get(document.fixed).to_owned())
        })
    }
}

struct Recognised {
    fit: Fit,
    confidence: Confidence,
    /// The document names it as one that is not meant.
    left_out: bool,
}

/// A judgement lists no more documents than a person would read.
const MOST_EVIDENCE: usize = 12;

const NO_VERSIONS: &str = "the affected versions: the document names none";

/// Names that stand for a whole family where a program runs "on" them.
const GENERIC_SYSTEMS: &[(&str, platform::Family)] = &[
    ("w:any", platform::Family::Windows),
    ("n:linux:linuxkernel", platform::Family::Linux),
    ("n:linux:kernel", platform::Family::Linux),
    ("n:apple:macosx", platform::Family::MacOs),
    ("n:apple:macos", platform::Family::MacOs),
    ("n:apple:iphoneos", platform::Family::Ios),
    ("n:google:android", platform::Family::Android),
    ("n:opengroup:unix", platform::Family::Unix),
];

/// A configuration, walked in reading order.
struct Walk<'a> {
    asked: &'a Asked<'a>,
    nodes: &'a [TreeNode],
    place: usize,
    claim: &'a Claim,
}

/// What a node says.
struct NodeValue {
    /// On this asset.
    plain: Fit,
    /// With the component in its own place in it, where it has one there.
    with_it: Option<Fit>,
}

impl Walk<'_> {
    fn next(&mut self, why: &mut Why) -> NodeValue {
        let node = self.nodes.get(self.place).copied();
        self.place += 1;
        match node {
            None => NodeValue { plain: Fit::Yes, with_it: None },
            Some(TreeNode::Match { cpe, row, vulnerable }) => self.leaf(cpe, row, vulnerable, why),
            Some(TreeNode::Not) => {
                let inner = self.next(why);
                NodeValue { plain: not(inner.plain), with_it: inner.with_it.map(not) }
            }
            Some(TreeNode::All { nodes }) => {
                let inner = self.inner(nodes, why);
                let own = inner.iter().any(|value| value.with_it.is_some());
                let all = inner.iter().map(|value| value.with_it.as_ref().unwrap_or(&value.plain).clone());
                let with_it = own.then(|| all.reduce(Fit::and)).flatten();
                let plain = inner.into_iter().map(|value| value.plain).reduce(Fit::and).unwrap_or(Fit::Yes);
                NodeValue { plain, with_it }
            }
            Some(TreeNode::Any { nodes }) => {
                let inner = self.inner(nodes, why);
                let with_it = inner.iter().filter_map(|value| value.with_it.clone()).reduce(Fit::or);
                let plain = inner.into_iter().map(|value| value.plain).reduce(Fit::or).unwrap_or(Fit::Yes);
                NodeValue { plain, with_it }
            }
        }
    }

    fn inner(&mut self, nodes: u32, why: &mut Why) -> Vec<NodeValue> {
        let end = self.place + nodes as usize;
        let mut values = Vec::new();
        while self.place < end {
            values.push(self.next(why));
        }
        values
    }

    fn leaf(&self, cpe: u32, row: u32, vulnerable: bool, why: &mut Why) -> NodeValue {
        let is_claim = vulnerable && self.claim.about == About::Cpe(cpe) && self.claim.rows.0 == row;
        if is_claim {
            // Product and version of the claim itself are judged beside the tree.
            return NodeValue { plain: Fit::Yes, with_it: Some(Fit::Yes) };
        }
        let Some(pattern) = self.asked.catalogue.cpes.get(cpe as usize) else {
            return NodeValue { plain: Fit::unknown("platform"), with_it: None };
        };
        NodeValue { plain: self.asked.has(pattern, why), with_it: None }
    }
}

fn not(fit: Fit) -> Fit {
    match fit {
        Fit::Yes => Fit::No,
        Fit::No => Fit::Yes,
        unknown @ Fit::Unknown(_) => unknown,
    }
}

fn from_fits(fits: Fits) -> Fit {
    match fits {
        Fits::Yes => Fit::Yes,
        Fits::No => Fit::No,
        Fits::Unknown(fact) => Fit::unknown(fact),
    }
}

fn status_outcome(status: Status) -> Outcome {
    match status {
        Status::Affected => Outcome::Affected,
        Status::Fixed | Status::NotAffected => Outcome::NotAffected,
        Status::UnderInvestigation => Outcome::Unreadable(Cow::Borrowed("the publisher's own investigation")),
        Status::Unknown => Outcome::Unreadable(Cow::Borrowed(NO_VERSIONS)),
    }
}

/// `php` of `cpe:2.3:a:php:php:-:*`.
fn plain(cpe: &str) -> String {
    cpe.split(':').nth(4).unwrap_or(cpe).replace('_', " ")
}

impl Outcome {
    fn in_words(&self) -> &'static str {
        match self {
            Outcome::Affected => "affected",
            Outcome::Open(_) => "open",
            Outcome::Unreadable(_) => "not readable",
            Outcome::NotAffected => "not affected",
            Outcome::NotListed => "other versions listed",
            Outcome::Silent => "silent",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::*;
    use exposome_model::knowledge::{Advisory, Node, Product, Status, Versions};

    /// NVD's configuration of CVE-2020-6961 (GE Carescape telemetry server), shortened.
    fn firmware_and_hardware() -> Vec<Advisory> {
        let firmware = any(&[
            "o:gehealthcare:apexpro_telemetry_server_firmware:* ..=4.2",
            "o:gehealthcare:carescape_telemetry_server_firmware:* ..=4.2",
        ]);
        let hardware = any(&[
            "~h:gehealthcare:apexpro_telemetry_server:-",
            "~h:gehealthcare:carescape_telemetry_server:-",
        ]);
        vec![advisory("nvd", "CVE-2020-6961", vec![configuration(Node::All(vec![firmware, hardware]))])]
    }

    #[test]
    fn a_device_is_firmware_and_hardware_in_one() {
        let device = "device GE Healthcare | ApexPro Telemetry Server | 4.1";
        check(&firmware_and_hardware(), &[device], &["0 CVE-2020-6961 affected"]);
        let device = "device GE Healthcare | ApexPro Telemetry Server | 4.3";
        check(&firmware_and_hardware(), &[device], &["0 CVE-2020-6961 not affected"]);
    }

    #[test]
    fn a_device_of_unknown_firmware_is_possibly_affected() {
        let device = "device GE Healthcare | ApexPro Telemetry Server";
        check(&firmware_and_hardware(), &[device], &["0 CVE-2020-6961 possibly: firmware version"]);
    }

    #[test]
    fn another_device_of_the_same_maker_is_not_meant() {
        check(&firmware_and_hardware(), &["device GE Healthcare | Carescape B450 | 2.0"], &[]);
    }

    /// Shape of CVE-2010-1761 and many others: a program, and the systems it runs on.
    fn program_on_windows() -> Vec<Advisory> {
        let program = any(&["a:example:viewer:* ..3.0"]);
        let system = any(&["~o:microsoft:windows:-"]);
        vec![advisory("nvd", "CVE-2024-1", vec![configuration(Node::All(vec![program, system]))])]
    }

    #[test]
    fn what_it_runs_on_must_be_on_the_asset() {
        let viewer = "application Example | Viewer | 2.9";
        let check_on = |system: &[&str], expected: &str| {
            let bill: Vec<&str> = [viewer].into_iter().chain(system.iter().copied()).collect();
            check(&program_on_windows(), &bill, &[expected]);
        };
        check_on(&["system Microsoft | Windows 10 Enterprise 1607"], "0 CVE-2024-1 affected, fixed in 3.0");
        check_on(&["system Canonical | Ubuntu 22.04"], "0 CVE-2024-1 not affected");
        check_on(&[], "0 CVE-2024-1 possibly: operating system, fixed in 3.0");
    }

    #[test]
    fn windows_releases_are_told_apart() {
        let windows = ["o:microsoft:windows_10:1607", "o:microsoft:windows_10:1703", "o:microsoft:windows_server_2012:r2"];
        let old = [advisory("nvd", "CVE-2018-1", vec![configuration(any(&windows))])];
        check(&old, &["system Microsoft | Windows 10 Enterprise 1607"], &["0 CVE-2018-1 affected"]);
        check(&old, &["system | Microsoft Windows 10 Pro | 10.0.17134"], &["0 CVE-2018-1 not affected"]);
        check(&old, &["system Microsoft | Windows 10"], &["0 CVE-2018-1 possibly: Windows release"]);
        check(&old, &["system Microsoft | Windows Server 2012"], &["0 CVE-2018-1 not affected"]);
        check(&old, &["application Microsoft | Internet Explorer | 11"], &[]);
    }

    #[test]
    fn windows_builds_say_whether_it_is_patched() {
        // Shape of the CVE records that Microsoft assigns, with "x64-based Systems" as platform.
        let mut windows = product("Microsoft", "Windows 10 Version 22H2");
        windows.platforms = vec!["x64-based Systems".to_owned(), "ARM64-based Systems".to_owned()];
        let rows = vec![row(scheme_range("10.0.0..10.0.19045.4412", Some("custom")), Status::Affected)];
        let record = [advisory("cve:microsoft", "CVE-2024-30034", vec![says(windows, Status::Unknown, rows)])];
        let with = |version: &str, expected: &str| {
            check(&record, &[&format!("system Microsoft | Windows 10 Pro 22H2 | {version}")], &[expected]);
        };
        with("10.0.19045.4291", "0 CVE-2024-30034 affected, fixed in 10.0.19045.4412");
        with("10.0.19045.4412", "0 CVE-2024-30034 not affected");
        with("10.0.19045", "0 CVE-2024-30034 possibly: the build's revision (the last number), fixed in 10.0.19045.4412");
    }

    #[test]
    fn names_of_a_cmdb_find_the_product_and_no_other() {
        let tomcat = advisory(
            "cve:apache",
            "CVE-2024-50379",
            vec![says(
                product("Apache Software Foundation", "Apache Tomcat"),
                Status::NotAffected,
                vec![row(scheme_range("9.0.0.M1..=9.0.97", Some("semver")), Status::Affected)],
            )],
        );
        let openssl = advisory("nvd", "CVE-2023-1", vec![configuration(any(&["a:openssl:openssl:* 1.0.2..1.0.2zh"]))]);
        let studio = "a:microsoft:sql_server_management_studio:* ..18.0";
        let studio = advisory("nvd", "CVE-2023-2", vec![configuration(any(&[studio]))]);
        let all = [tomcat, openssl, studio];
        check(&all, &["application | Apache Tomcat 9.0.50"], &["0 CVE-2024-50379 affected"]);
        check(&all, &["application Apache | Tomcat | 9.0.98"], &["0 CVE-2024-50379 not affected"]);
        check(&all, &["application Apache | Tomcat Native | 1.2"], &[]);
        check(&all, &["application | OpenSSL | 1.0.2zg"], &["0 CVE-2023-1 affected, fixed in 1.0.2zh"]);
        check(&all, &["application Microsoft | SQL Server 2019 | 15.0.2000.5"], &[]);
        let studio = "application Microsoft | Microsoft SQL Server Management Studio | 17.9";
        check(&all, &[studio], &["0 CVE-2023-2 affected, fixed in 18.0"]);
    }

    #[test]
    fn n_a_is_no_information_and_matches_nothing_by_itself() {
        let nobody = says(product("n/a", "n/a"), Status::Unknown, vec![row(Versions::Exact("n/a".to_owned()), Status::Affected)]);
        let some = says(product("Example", "Viewer"), Status::Unknown, vec![row(Versions::Exact("n/a".to_owned()), Status::Affected)]);
        let record = [advisory("cve:mitre", "CVE-2019-1", vec![nobody, some])];
        check(
            &record,
            &["application Example | Viewer | 1.0", "application n/a | n/a | n/a"],
            &["0 CVE-2019-1 possibly: the affected versions: the document names none"],
        );
    }

    #[test]
    fn a_rejected_record_exposes_nothing() {
        let mut record = advisory("nvd", "CVE-2024-9", vec![configuration(any(&["a:example:viewer:*"]))]);
        check(&[record.clone()], &["application Example | Viewer | 1.0"], &["0 CVE-2024-9 affected"]);
        record.state = exposome_model::knowledge::AdvisoryState::Withdrawn;
        check(&[record], &["application Example | Viewer | 1.0"], &[]);
    }

    #[test]
    fn the_assigner_knows_better_than_the_enrichment() {
        let assigner = says(product("Example", "Viewer"), Status::NotAffected, vec![row(range("..2.0"), Status::Affected)]);
        let both = [
            advisory("cve:example", "CVE-2024-2", vec![assigner]),
            advisory("nvd", "CVE-2024-2", vec![configuration(any(&["a:example:viewer:* ..=2.5"]))]),
        ];
        check(&both, &["application Example | Viewer | 2.2"], &["0 CVE-2024-2 not affected"]);
        check(&both, &["application Example | Viewer | 1.9"], &["0 CVE-2024-2 affected, fixed in 2.0"]);
    }

    #[test]
    fn the_hospitals_own_word_comes_first_and_holds_only_in_its_scope() {
        let own = says(product("Example", "Viewer"), Status::Unknown, vec![row(Versions::Exact("1.0".to_owned()), Status::NotAffected)]);
        let all = [
            advisory("hospital:st-marys", "CVE-2024-3", vec![own]),
            advisory("nvd", "CVE-2024-3", vec![configuration(any(&["a:example:viewer:*"]))]),
        ];
        check(&all, &["application Example | Viewer | 1.0"], &["0 CVE-2024-3 not affected"]);
        check(&all, &["application Example | Viewer | 1.1"], &["0 CVE-2024-3 affected"]);
    }

    #[test]
    fn linux_lists_what_is_not_affected_branch_by_branch() {
        // CVE-2022-48820, CNA container: the rows that count versions.
        let rows = vec![
            row(Versions::Exact("5.12".to_owned()), Status::Affected),
            row(scheme_range("0..5.12", Some("custom")), Status::NotAffected),
            row(scheme_range("5.15.24..=5.15.*", Some("custom")), Status::NotAffected),
            row(scheme_range("5.16.10..=5.16.*", Some("custom")), Status::NotAffected),
            row(scheme_range("5.17..=*", Some("original_commit_for_fix")), Status::NotAffected),
        ];
        let record = [advisory("cve:Linux", "CVE-2022-48820", vec![says(product("Linux", "Linux"), Status::Affected, rows)])];
        check(&record, &["system Linux | Linux kernel | 5.15.20"], &["0 CVE-2022-48820 affected"]);
        check(&record, &["system Linux | Linux | 5.15.24"], &["0 CVE-2022-48820 not affected"]);
    }

    fn red_hat(name: &str, purl: &str, on: &str, status: Status) -> exposome_model::knowledge::Statement {
        let system = Product { cpes: vec![on.to_owned()], ..product("Red Hat", "Red Hat Enterprise Linux") };
        let package = Product { purl: Some(purl.to_owned()), on: Some(Box::new(system)), ..product("Red Hat", name) };
        says(package, Status::Unknown, vec![row(Versions::Any, status)])
    }

    #[test]
    fn a_backported_fix_is_not_reported() {
        // RHSA-2024:3666: tomcat-1:9.0.87-1.el8_10.1 for Enterprise Linux 8.
        let purl = "pkg:rpm/redhat/tomcat@9.0.87-1.el8_10.1?arch=noarch&epoch=1";
        let on = "cpe:/a:redhat:enterprise_linux:8::appstream";
        let all = [
            advisory("csaf:Red Hat Product Security", "CVE-2024-23672", vec![red_hat("tomcat", purl, on, Status::Fixed)]),
            advisory("nvd", "CVE-2024-23672", vec![configuration(any(&["a:apache:tomcat:* 9.0.0..9.0.90"]))]),
        ];
        let with = |package: &str, expected: &[&str]| check(&all, &[package], expected);
        with("package | pkg:rpm/redhat/tomcat@9.0.87-1.el8_10.1?epoch=1", &["0 CVE-2024-23672 not affected"]);
        with("package | pkg:rpm/redhat/tomcat@9.0.62-27.el8_9?epoch=1", &["0 CVE-2024-23672 affected, fixed in 1:9.0.87-1.el8_10.1"]);
        with("package | pkg:rpm/redhat/tomcat@9.0.87-1.el8_10.1", &["0 CVE-2024-23672 not affected"]);
    }

    #[test]
    fn a_package_of_another_stream_waits_for_its_own_statement() {
        let on = "cpe:/o:redhat:enterprise_linux:8";
        let purl = "pkg:rpm/redhat/openssl@1.1.1k-12.el8_9?epoch=1";
        let all = [
            advisory("csaf:Red Hat Product Security", "CVE-2023-3446", vec![red_hat("openssl", purl, on, Status::Fixed)]),
            advisory("nvd", "CVE-2023-3446", vec![configuration(any(&["a:openssl:openssl:* 3.0.0..3.0.10"]))]),
        ];
        check(
            &all,
            &["package | pkg:rpm/redhat/openssl@3.0.7-16.el9?epoch=1"],
            &["0 CVE-2023-3446 possibly: redhat's statement on CVE-2023-3446, fixed in 3.0.10"],
        );
        check(&all, &["package | pkg:deb/debian/openssl@3.0.11-1~deb12u2"], &["0 CVE-2023-3446 not affected"]);
    }
}
