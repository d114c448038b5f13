//! One component held against one claim: is it the product, and is it one of the versions?

use super::bill::Bill;
use super::catalogue::{About, Catalogue, Claim, CpePattern, Named, Standing};
use super::distribution;
use super::interned::{Word, Words};
use super::names::squash;
use super::near_names::registry;
use super::platform::{self, Fit};
use super::product_text::{ProductPattern, Recognition};
use super::rows::{self, Context, Doubt, Holding, Means, OwnVersion, Row, Side};
use super::subject::{Known, Subject, says_extended};
use super::weigh::{Depends, Outcome, Said};
use super::windows::Fits;
use exposome_model::cpe::Attribute;
use exposome_model::exposure::Confidence;
use exposome_model::inventory::{Component, ComponentKind};
use exposome_model::knowledge::Status;
use exposome_model::version::Scheme;
use std::borrow::Cow;
use std::fmt;

/// How a claim was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hit {
    Key(Known),
    /// By words of free text: a candidate, to be looked at closely.
    Text,
}

/// One component in its bill, with the catalogue it is held against.
#[derive(Clone, Copy)]
pub(super) struct Held<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) subject: &'a Subject,
    pub(super) component: &'a Component,
    /// The version that is held against ranges: of a distribution's package, upstream's.
    pub(super) version: Option<&'a OwnVersion>,
    pub(super) bill: &'a Bill<'a>,
    /// Whether somebody will read the facts and reasons; otherwise they are not written.
    pub(super) wordy: bool,
    /// Whether what the claims want around the component is there, where that was found out before.
    pub(super) told: Option<&'a Fit>,
}

/// Notes down why, if anybody wants to know.
#[derive(Debug, Default)]
pub(super) struct Why {
    wanted: bool,
    pub(super) text: String,
}

impl Why {
    pub(super) fn wanted(wanted: bool) -> Why {
        Why { wanted, text: String::new() }
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

/// A product recognised.
#[derive(Debug, Clone)]
pub(super) struct Recognised {
    fit: Fit,
    confidence: Confidence,
    /// The document names it as one that is not meant.
    left_out: bool,
    depends: Depends,
    closeness: Option<u8>,
}

impl<'a> Held<'a> {
    pub(super) fn new(
        catalogue: &'a Catalogue,
        subject: &'a Subject,
        component: &'a Component,
        bill: &'a Bill<'a>,
        wordy: bool,
    ) -> Held<'a> {
        let version = subject.version.as_ref();
        Held { catalogue, subject, component, version, bill, wordy, told: None }
    }

    /// The claims that may concern the component, each once, with its surest way of being found.
    pub(super) fn candidates(&self, found: &mut Vec<(u32, Hit)>) {
        found.clear();
        for (key, known) in &self.subject.keys {
            found.extend(
                self.catalogue.filed_under(key).iter().map(|&claim| (claim, Hit::Key(*known))),
            );
        }
        for named in self.named_in_prose() {
            found.extend(self.catalogue.claims_on(named).iter().map(|&claim| (claim, Hit::Text)));
        }
        found.sort_unstable();
        found.dedup_by_key(|(claim, _)| *claim);
        self.leave_out_likenesses(found);
    }

    /// A record that names the product exactly does not mean it by its other lines as well: the KT1
    /// is not the KT400.
    fn leave_out_likenesses(&self, found: &mut Vec<(u32, Hit)>) {
        if found.iter().all(|(_, hit)| *hit != Hit::Text) {
            return;
        }
        let claim = |number: u32| self.catalogue.claims.get(number as usize);
        let by_key = found.iter().filter(|(_, hit)| *hit != Hit::Text);
        let mut exact: Vec<u32> =
            by_key.filter_map(|(number, _)| Some(claim(*number)?.document)).collect();
        exact.sort_unstable();
        found.retain(|(number, hit)| {
            let alike = |claim: &Claim| {
                exact.binary_search(&claim.document).is_ok() && !self.is_prose(claim)
            };
            *hit != Hit::Text || !claim(*number).is_some_and(alike)
        });
    }

    fn is_prose(&self, claim: &Claim) -> bool {
        let About::Named(named) = claim.about else { return false };
        self.catalogue.named.get(named as usize).is_some_and(|named| named.prose)
    }

    /// Products whose names in prose mean the component, or may.
    fn named_in_prose(&self) -> Vec<u32> {
        let mut named: Vec<u32> = Vec::new();
        for key in &self.subject.text_keys {
            let found = self.catalogue.named_with(key);
            // A word that half the catalogue has tells nothing.
            if key.starts_with("t:") || found.len() <= COMMON_WORD {
                named.extend_from_slice(found);
            }
        }
        named.sort_unstable();
        named.dedup();
        named.retain(|&named| {
            let Some(named) = self.catalogue.named.get(named as usize) else { return false };
            let may_be = named.prose || self.catalogue.may_be_by(named, &self.subject.vendor);
            let asks_version = |pattern: &ProductPattern| pattern.asks_version();
            may_be
                && (self.catalogue.pattern_of(named).is_some_and(asks_version)
                    || self.recognise_text(named, &mut Why::default()).is_some())
        });
        named
    }

    /// What one claim says; `None` if it is about something else.
    pub(super) fn say(&self, number: u32, claim: &Claim, hit: Hit, why: &mut Why) -> Option<Said> {
        let recognised = self.recognise(claim, hit, why)?;
        Some(self.say_of(number, claim, recognised, why))
    }

    /// What a claim says of the product that it is recognised as.
    pub(super) fn say_of(
        &self,
        number: u32,
        claim: &Claim,
        mut recognised: Recognised,
        why: &mut Why,
    ) -> Said {
        recognised.fit = self.edition_by_version(claim, recognised.fit);
        let mut said = Said {
            claim: number,
            standing: claim.standing,
            outcome: Outcome::Silent,
            confidence: recognised.confidence,
            depends: recognised.depends,
            closeness: recognised.closeness.map(|closeness| (claim.document, closeness)),
        };
        if recognised.fit == Fit::No {
            said.outcome =
                if recognised.left_out { Outcome::NotAffected } else { Outcome::NotListed };
            return said;
        }
        let Some(distribution) = &self.subject.distribution else {
            said.outcome = self.outcome(claim, recognised.fit, why, &mut said);
            return said;
        };
        if let Some(word) = distribution::own_word(self, claim, why) {
            said.outcome = word.outcome;
            said.standing = word.standing;
            said.confidence = Confidence::High;
            said.depends = said.depends.max(word.depends);
            return said;
        }
        let upstream = Held { version: distribution.upstream_version.as_ref(), ..*self };
        let outcome = upstream.outcome(claim, recognised.fit, why, &mut said);
        said.outcome = distribution::second_hand(self, claim, outcome);
        said
    }

    fn outcome(&self, claim: &Claim, product: Fit, why: &mut Why, said: &mut Said) -> Outcome {
        let versions = self.versions(claim, why, said);
        let wants_version = matches!(versions, Outcome::Open(_))
            || matches!(&product, Fit::Unknown(fact) if fact.ends_with("version"));
        if self.component.version.is_none() && wants_version {
            said.depends = Depends::OnAll;
            if self.is_told_by_another(claim) {
                why.say(format_args!("the same product stands on the asset with its version"));
                return Outcome::Silent;
            }
        }
        match versions {
            Outcome::NotAffected | Outcome::NotListed | Outcome::Silent => return versions,
            _ => {}
        }
        let (around, depends) = self.around(claim, why);
        if around != Fit::Yes {
            said.depends = said.depends.max(depends);
        }
        if around == Fit::No && product == Fit::Yes && self.names_platforms(claim) {
            return Outcome::NotAffected;
        }
        match (product.and(around), versions) {
            (Fit::No, _) => Outcome::NotListed,
            (Fit::Unread(_) | Fit::Unknown(_), Outcome::Open(fact)) | (Fit::Unknown(fact), _) => {
                Outcome::Open(fact)
            }
            (Fit::Unread(_), Outcome::Unreadable(fact)) => Outcome::Unreadable(fact),
            (Fit::Unread(fact), _) => Outcome::Hinges(fact),
            (Fit::Yes, versions) => versions,
        }
    }

    /// Whether another component of the asset is the same product and has a version: a row often
    /// names a device and, beside it, the program that the device is.
    fn is_told_by_another(&self, claim: &Claim) -> bool {
        let About::Named(place) = claim.about else { return false };
        let named = self.catalogue.named.get(place as usize).filter(|named| named.prose);
        let Some(pattern) = named.and_then(|named| self.catalogue.pattern_of(named)) else {
            return false;
        };
        self.bill.parts.iter().any(|(subject, component)| {
            component.version.is_some()
                && subject.kind != ComponentKind::System
                && subject.name.as_ref().is_some_and(|name| {
                    let found = pattern.recognise(name, component, self.bill.whole);
                    matches!(found, Recognition::Same { .. } | Recognition::Excluded { .. })
                })
        })
    }

    /// Whether the publisher says on which platforms the product is affected: on others it is not.
    fn names_platforms(&self, claim: &Claim) -> bool {
        claim.standing < Standing::Enrichment
            && self.scope(claim).is_some_and(|scope| !scope.platforms.is_empty())
    }

    /// Whether another version of the product may be recognised otherwise.
    pub(super) fn is_told_by_version(&self, claim: &Claim, hit: Hit) -> bool {
        let About::Named(place) = claim.about else { return false };
        let named = self.catalogue.named.get(place as usize);
        let read = named.filter(|named| named.prose || hit == Hit::Text);
        let pattern = read.and_then(|named| self.catalogue.pattern_of(named));
        pattern.is_some_and(ProductPattern::asks_version)
    }

    pub(super) fn recognise(&self, claim: &Claim, hit: Hit, why: &mut Why) -> Option<Recognised> {
        let confidence = match hit {
            Hit::Key(Known::Identifier) => Confidence::High,
            Hit::Key(Known::Name) => Confidence::Medium,
            Hit::Key(Known::LoneName | Known::Namesake) | Hit::Text => Confidence::Low,
        };
        if hit == Hit::Key(Known::Namesake) && !self.is_of_its_registry(claim) {
            return None;
        }
        if self.subject.is_extended && !self.is_of_extended(claim) {
            let fit = Fit::No;
            let depends = Depends::OnItself;
            return Some(Recognised { fit, confidence, left_out: false, depends, closeness: None });
        }
        let recognised = |fit| {
            Some(Recognised {
                fit,
                confidence,
                left_out: false,
                depends: Depends::OnItself,
                closeness: None,
            })
        };
        match claim.about {
            About::Cpe(place) => {
                let cpe = self.catalogue.cpes.get(place as usize)?;
                if self.wordy {
                    why.say(format_args!("named {}", self.catalogue.cpe_text(place)));
                }
                recognised(self.cpe_fits(cpe))
            }
            About::Package(place) => {
                let package = self.catalogue.packages.get(place as usize)?;
                why.say(format_args!("package {} {}", package.purl.kind(), package.purl.name()));
                recognised(Fit::Yes)
            }
            About::Named(place) => {
                let named = self.catalogue.named.get(place as usize)?;
                if let Some(windows) = named.windows {
                    why.say(format_args!("product {}", self.catalogue.words.get(named.text)));
                    return recognised(
                        self.subject.windows.map_or(Fit::No, |own| own.is_one_of(windows).into()),
                    );
                }
                let read = if named.prose { self.recognise_text(named, why) } else { None };
                if hit == Hit::Text && named.prose {
                    return read;
                }
                if let Some(read) = read {
                    let asks_more =
                        self.catalogue.pattern_of(named).is_some_and(ProductPattern::asks_more);
                    let fit = if asks_more { read.fit } else { Fit::Yes };
                    return Some(Recognised {
                        fit,
                        confidence: confidence.max(read.confidence),
                        ..read
                    });
                }
                if hit != Hit::Text {
                    if self.wordy {
                        why.say(format_args!(
                            "product \"{}\" has the same name",
                            self.catalogue.words.get(named.text)
                        ));
                    }
                    return recognised(Fit::Yes);
                }
                self.recognise_text(named, why)
            }
        }
    }

    /// Whether a claim is about an extended support release.
    fn is_of_extended(&self, claim: &Claim) -> bool {
        let words = &self.catalogue.words;
        match claim.about {
            About::Cpe(place) => says_extended(self.catalogue.cpe_text(place)),
            About::Named(named) => {
                let named = self.catalogue.named.get(named as usize);
                named.is_some_and(|named| says_extended(words.get(named.text)))
            }
            About::Package(_) => true,
        }
    }

    /// Where the inventory does not say which edition it is, the version may: 53L is before 92L and in no
    /// order with 92U; a track with a beginning and an end has numbers of its own.
    fn edition_by_version(&self, claim: &Claim, fit: Fit) -> Fit {
        let (Fit::Unknown(_), About::Cpe(place)) = (&fit, claim.about) else { return fit };
        let (Some(cpe), Some(own)) = (self.catalogue.cpes.get(place as usize), self.version) else {
            return fit;
        };
        let rows = self.catalogue.rows.get(claim.rows);
        let Some(Means::Bounds { from, to, .. }) = rows.first().map(|row| row.means) else {
            return fit;
        };
        let rows = &self.catalogue.rows;
        let Some(end) = rows.end_of(to) else { return fit };
        let editions = [cpe.sw_edition, cpe.edition];
        let is_track = |word: Word| TRACKS.contains(&self.catalogue.words.get(word));
        if rows.end_of(from).is_some() && editions.into_iter().any(is_track) {
            return Fit::Yes;
        }
        match (letters(&own.text), letters(end)) {
            (one, other) if one.is_empty() || other.is_empty() => fit,
            (one, other) if one == other => Fit::Yes,
            _ => Fit::No,
        }
    }

    /// Whether a claim on a library of the same name means the one of the component's registry.
    fn is_of_its_registry(&self, claim: &Claim) -> bool {
        let Some(own) = &self.subject.purl else { return false };
        if let About::Cpe(place) = claim.about {
            let target = self.catalogue.cpes.get(place as usize).map(|cpe| cpe.target_sw);
            let target = target.filter(|target| *target != Words::NONE);
            return target.and_then(|target| registry(self.catalogue.words.get(target)))
                == Some(own.kind());
        }
        // Nobody but the registry of a language counts its way.
        let counted =
            own.scheme().filter(|scheme| !matches!(scheme, Scheme::Generic | Scheme::Semver));
        let rows = self.catalogue.rows.get(claim.rows);
        counted.is_some_and(|own| {
            rows.iter()
                .any(|row| matches!(row.means, Means::Bounds { scheme, .. } if scheme == own))
        })
    }

    fn recognise_text(&self, named: &Named, why: &mut Why) -> Option<Recognised> {
        let pattern = self.catalogue.pattern_of(named)?;
        let name = self.subject.name.as_ref()?;
        match pattern.recognise(name, self.component, self.bill.whole) {
            Recognition::Same { confidence, closeness, because } => {
                why.say(format_args!("{because}"));
                Some(Recognised {
                    fit: Fit::Yes,
                    confidence,
                    left_out: false,
                    depends: Depends::OnItself,
                    closeness: Some(closeness),
                })
            }
            Recognition::Possibly { missing_fact, confidence, closeness, because } => {
                why.say(format_args!("{because}"));
                let fit = Fit::Unknown(missing_fact.into());
                let closeness = Some(closeness);
                let depends = Depends::OnAll;
                Some(Recognised { fit, confidence, left_out: false, depends, closeness })
            }
            Recognition::Excluded { because } => {
                why.say(format_args!("{because}"));
                let confidence = Confidence::Medium;
                Some(Recognised {
                    fit: Fit::No,
                    confidence,
                    left_out: true,
                    depends: Depends::OnItself,
                    closeness: None,
                })
            }
            Recognition::Different => None,
        }
    }

    /// Update, edition and target hardware of a CPE name; vendor and product agree already.
    pub(super) fn cpe_fits(&self, cpe: &CpePattern) -> Fit {
        let text = |word| self.catalogue.words.get(word);
        if let Some(windows) = cpe.windows {
            let own = self.subject.windows.map_or(Fit::No, |own| own.is_one_of(windows).into());
            return own.and(self.hardware_fits(cpe));
        }
        let target =
            if cpe.target_sw == Words::NONE { None } else { registry(text(cpe.target_sw)) };
        let own = self.subject.purl.as_ref().filter(|_| self.subject.distribution.is_none());
        if target.zip(own).is_some_and(|(target, own)| target != own.kind()) {
            return Fit::No;
        }
        let mut fit = Fit::Yes;
        for edition in [cpe.sw_edition, cpe.edition] {
            if edition != Words::NONE && platform::architecture(text(edition)).is_none() {
                fit = fit.and(self.edition_fits(text(edition)));
            }
        }
        fit.and(self.hardware_fits(cpe))
    }

    pub(super) fn edition_fits(&self, edition: &str) -> Fit {
        if edition == "-" {
            return Fit::Yes;
        }
        let own = self.subject.cpe.as_ref();
        let said = own.and_then(|own| {
            own.text(Attribute::SwEdition).or_else(|| own.text(Attribute::Edition))
        });
        let wanted = squash(edition);
        match said {
            Some(said) if squash(&said) == wanted => Fit::Yes,
            Some(_) => Fit::No,
            None if squash(&self.component.name).contains(&wanted) => Fit::Yes,
            None => Fit::Unknown(self.fact(|| format!("edition: {edition}"))),
        }
    }

    fn hardware_fits(&self, cpe: &CpePattern) -> Fit {
        let targets = [cpe.target_hw, cpe.edition].into_iter().filter(|word| *word != Words::NONE);
        let mut architectures =
            targets.filter_map(|word| platform::architecture(self.catalogue.words.get(word)));
        architectures.next().map_or(Fit::Yes, |wanted| wanted.of(self.component))
    }

    /// A fact in words, if somebody will read it.
    pub(super) fn fact(&self, words: impl FnOnce() -> String) -> Cow<'static, str> {
        if self.wordy { Cow::Owned(words()) } else { Cow::Borrowed("a fact") }
    }

    /// What the version rows of a claim say, nothing else asked.
    pub(super) fn by_rows(&self, claim: &Claim, why: &mut Why, said: &mut Said) -> Outcome {
        self.versions(claim, why, said)
    }

    fn versions(&self, claim: &Claim, why: &mut Why, said: &mut Said) -> Outcome {
        if let About::Cpe(place) = claim.about
            && let Some(cpe) = self.catalogue.cpes.get(place as usize)
        {
            match self.one_version(cpe) {
                // A product that its maker speaks of by its line: 8 is 8.4.1 as well.
                Some(Holding::No(_)) if self.is_of_line(claim, cpe) => {}
                Some(holding) => return self.of_one_version(holding, why),
                None => {}
            }
        }
        let mut open: Option<Outcome> = None;
        let mut past_the_end = false;
        let mut mended = Mended::default();
        let mut other_series = false;
        let mut rows = 0;
        for row in self.catalogue.rows.get(claim.rows) {
            rows += 1;
            if matches!(row.means, Means::Text(_)) {
                said.confidence = said.confidence.min(Confidence::Medium);
            }
            match self.holds(*row) {
                // What a list names by its version stays affected where a fix is only said to be past another one.
                Holding::Yes if is_from_prose(*row) && self.is_named(claim) => {}
                Holding::Unknown(..) if is_from_prose(*row) && !self.only_exonerates(claim) => {}
                Holding::Yes => {
                    self.note(*row, true, why);
                    let outcome = status_outcome(row.status);
                    return open.filter(|_| outcome != Outcome::Affected).unwrap_or(outcome);
                }
                Holding::No(side) => {
                    let past = side == Side::Above && row.status == Status::Affected;
                    past_the_end |= past;
                    mended.note(*row, past, past && self.is_past_its_branch(*row));
                    self.note(*row, false, why);
                }
                // 3.8.1 of one series says nothing about the ranges of another.
                Holding::Unknown(_, Doubt::Reading) if self.is_of_other_series(*row) => {
                    other_series = true;
                }
                Holding::Unknown(fact, doubt) => {
                    why.say(format_args!("open: {fact}"));
                    if matches!(row.means, Means::Text(_)) {
                        said.depends = Depends::OnAll;
                    }
                    open.get_or_insert(match doubt {
                        Doubt::Fact => Outcome::Open(fact),
                        Doubt::Reading => Outcome::Unreadable(fact),
                    });
                }
            }
        }
        if other_series && !self.is_beside_its_series(claim) {
            open.get_or_insert(Outcome::Unreadable(Cow::Borrowed("a reading of the range")));
        }
        if let Some(open) = open {
            return open;
        }
        match claim.default {
            Status::Unknown if rows == 0 => Outcome::Unreadable(Cow::Borrowed(NO_VERSIONS)),
            Status::Unknown if past_the_end => Outcome::NotAffected,
            Status::Unknown if self.only_exonerates(claim) => Outcome::Silent,
            Status::Unknown => Outcome::NotListed,
            // A range that ends is mended at its end, also where the rest is called affected.
            Status::Affected if mended.is_it() => Outcome::NotAffected,
            status => status_outcome(status),
        }
    }

    /// Whether an affected row of the claim names this very version.
    fn is_named(&self, claim: &Claim) -> bool {
        let rows = self.catalogue.rows.get(claim.rows);
        let mut affected = rows.iter().filter(|row| row.status == Status::Affected);
        self.version.is_some_and(|version| {
            affected.any(|row| self.catalogue.rows.names(*row, &version.text))
        })
    }

    /// Whether a row of its own series does not have the component's version.
    fn is_beside_its_series(&self, claim: &Claim) -> bool {
        let rows = self.catalogue.rows.get(claim.rows);
        rows.iter().any(|row| self.is_of_series(*row) && matches!(self.holds(*row), Holding::No(_)))
    }

    /// Whether the end of a row and the component's version have the same letters ("Niagara AX").
    fn is_of_series(&self, row: Row) -> bool {
        self.series(row).is_some_and(|(own, end)| own == end)
    }

    fn is_of_other_series(&self, row: Row) -> bool {
        self.series(row).is_some_and(|(own, end)| !own.is_empty() && own != end)
    }

    fn series(&self, row: Row) -> Option<(String, String)> {
        let Means::Bounds { to, .. } = row.means else { return None };
        let end = self.catalogue.rows.end_of(to)?;
        Some((letters(&self.version?.text), letters(end)))
    }

    /// Whether a version past the end of a range is on the branch where the range ends.
    fn is_past_its_branch(&self, row: Row) -> bool {
        let Means::Bounds { to, .. } = row.means else { return false };
        let end = self.catalogue.rows.end_of(to);
        let branch = end.and_then(|end| end.rsplit_once('.')).map(|(branch, _)| branch);
        branch.zip(self.version).is_some_and(|(branch, own)| rows::is_of_branch(&own.text, branch))
    }

    /// Whether no row of the claim says that anything is affected.
    fn only_exonerates(&self, claim: &Claim) -> bool {
        let rows = self.catalogue.rows.get(claim.rows);
        rows.iter().all(|row| matches!(row.status, Status::Fixed | Status::NotAffected))
    }

    /// Whether the component has the version that a CPE name itself gives, with its update.
    pub(super) fn one_version(&self, cpe: &CpePattern) -> Option<Holding> {
        let words = &self.catalogue.words;
        if cpe.windows.is_some() {
            return None;
        }
        let update = if cpe.update == Words::NONE { "" } else { words.get(cpe.update) };
        let has_place = rows::has_place(cpe.point);
        if cpe.version == Words::NONE || (!has_place && words.get(cpe.version) == "-") {
            return self.update_alone(update);
        }
        let Some(own) = self.version else {
            return Some(Holding::Unknown(Cow::Borrowed(self.subject.version_fact()), Doubt::Fact));
        };
        let is_it = |own: &OwnVersion| {
            let at_once = matches!(update, "" | "-")
                .then(|| self.catalogue.rows.is_at(own, cpe.point))
                .flatten();
            at_once.unwrap_or_else(|| rows::is_version(&own.text, words.get(cpe.version), update))
        };
        let first = is_it(own);
        match self.subject.release.as_ref().filter(|_| first != Holding::Yes).map(is_it) {
            Some(Holding::Yes) => Some(Holding::Yes),
            _ => Some(first),
        }
    }

    /// `windows_7:*:sp1`: the update is named and the version is not.
    fn update_alone(&self, update: &str) -> Option<Holding> {
        if matches!(update, "" | "-") {
            return None;
        }
        let said =
            squash(self.version.map_or("", |version| &version.text)).contains(&squash(update));
        (!said)
            .then(|| Holding::Unknown(self.fact(|| format!("update level: {update}")), Doubt::Fact))
    }

    fn is_of_line(&self, claim: &Claim, cpe: &CpePattern) -> bool {
        let line = self.catalogue.words.get(cpe.version);
        claim.standing == Standing::Vendor
            && self.version.is_some_and(|own| rows::is_of_branch(&own.text, line))
    }

    fn of_one_version(&self, holding: Holding, why: &mut Why) -> Outcome {
        match holding {
            Holding::Yes => {
                why.say(format_args!("{} is named", self.own_version()));
                Outcome::Affected
            }
            Holding::No(_) => {
                why.say(format_args!("{} is not named", self.own_version()));
                Outcome::NotListed
            }
            Holding::Unknown(fact, Doubt::Fact) => Outcome::Open(fact),
            Holding::Unknown(fact, Doubt::Reading) => Outcome::Unreadable(fact),
        }
    }

    pub(super) fn holds(&self, row: Row) -> Holding {
        let context =
            Context { component: self.component, bill: self.bill.whole, version: self.version };
        self.catalogue.rows.holds(row, self.subject, &context)
    }

    fn note(&self, row: Row, inside: bool, why: &mut Why) {
        if self.wordy {
            let status = match row.status {
                Status::Affected => "affected",
                Status::Fixed => "fixed",
                Status::NotAffected => "not affected",
                Status::UnderInvestigation => "under investigation",
                Status::Unknown => "not known",
            };
            let verb = if inside { "is in" } else { "is not in" };
            let range = self.catalogue.rows.in_words(row);
            why.say(format_args!("{} {verb} {range} ({status})", self.own_version()));
        }
    }

    fn own_version(&self) -> Cow<'static, str> {
        match self.version {
            Some(version) if self.wordy => Cow::Owned(format!("version {}", version.text)),
            _ => Cow::Borrowed("whatever the version, it"),
        }
    }
}

/// A fix that is given in words.
fn is_from_prose(row: Row) -> bool {
    row.status == Status::Fixed && matches!(row.means, Means::Text(_))
}

/// Editions that are release tracks, each with numbers of its own (Adobe's words in NVD's names).
const TRACKS: &[&str] = &["continuous", "classic"];

fn letters(version: &str) -> String {
    version.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether a statement's own ranges say that a version is mended.
#[derive(Debug, Default)]
struct Mended {
    rows: u32,
    past: u32,
    on_its_branch: bool,
    /// Something is said of other versions too: then the default is meant.
    others: bool,
}

impl Mended {
    fn note(&mut self, row: Row, past: bool, on_its_branch: bool) {
        self.rows += 1;
        self.past += u32::from(past);
        self.on_its_branch |= on_its_branch;
        self.others |= row.status != Status::Affected;
    }

    fn is_it(&self) -> bool {
        !self.others && self.past > 0 && (self.past == self.rows || self.on_its_branch)
    }
}

/// Names that share a word no device is told by.
const COMMON_WORD: usize = 400;

const NO_VERSIONS: &str = "the affected versions: the document names none";

const NOT_SAID: &str = "the publisher's word on this version: the document leaves it open";

fn status_outcome(status: Status) -> Outcome {
    match status {
        Status::Affected => Outcome::Affected,
        Status::Fixed | Status::NotAffected => Outcome::NotAffected,
        Status::UnderInvestigation => {
            Outcome::Unreadable(Cow::Borrowed("the publisher's own investigation"))
        }
        Status::Unknown => Outcome::Unreadable(Cow::Borrowed(NOT_SAID)),
    }
}

impl From<Fits> for Fit {
    fn from(fits: Fits) -> Fit {
        match fits {
            Fits::Yes => Fit::Yes,
            Fits::No => Fit::No,
            Fits::Unknown(fact) => Fit::unknown(fact),
        }
    }
}
