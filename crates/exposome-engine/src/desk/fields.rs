//! What can be asked of an exposure, in one list: filters, sorting, the API and the guide are drawn from it.

use crate::decide::Input;
use crate::predicate::{Field, Kind};

/// What a field hangs on, and so how often it is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The same for everything on an asset.
    Asset,
    /// The same for a vulnerability wherever it is.
    Cause,
    /// The same for one judgement of a bill.
    Judgement,
    /// The same for all that are decided alike.
    Decision,
    Exposure,
}

macro_rules! fields {
    ($($variant:ident $name:literal $kind:ident of $level:ident $words:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Name { $($variant,)* }

        impl Name {
            pub const ALL: &[Name] = &[$(Name::$variant,)*];

            pub fn level(self) -> Level {
                match self { $(Name::$variant => Level::$level,)* }
            }
        }

        /// Every field, in the order of [`Name::ALL`].
        pub const FIELDS: &[Field] = &[$(Field { name: $name, kind: Kind::$kind, words: $words },)*];
    };
}

fields! {
    Asset "asset" Text of Asset "the asset's id";
    AssetName "name" Text of Asset "what the asset is called";
    Unit "unit" Text of Asset "the unit it belongs to";
    Location "location" Text of Asset "where it stands";
    Owner "owner" Text of Asset "who owns it";
    Zone "zone" Text of Asset "the zone of the network it is in";
    Class "class" Text of Asset "its class, as its sources call it";
    Purpose "purpose" Text of Asset "what it is for: life support, laboratory, ...";
    Category "category" Text of Asset "the code of its purpose: LS, TH-C, ...";
    Maker "maker" Text of Asset "who made it";
    Model "model" Text of Asset "its model";
    Application "application" Text of Asset "the application it is a part of";
    ManagedBy "managed_by" Text of Asset "who runs it: hospital, vendor, leased, partner";
    Reach "reach" Text of Asset "from where it can be reached: open, controlled, small";
    Gated "gated" Truth of Asset "no change without a signed clinical risk assessment";
    DataClass "data" Text of Asset "which data it holds: PHI, therapy, ...";
    Harm "harm" Number of Asset "the greatest harm it can do, 1 to 5";
    Seen "seen" Moment of Asset "when a source last saw it";
    Vulnerability "vulnerability" Text of Cause "CVE-2020-6961, an advisory's own id, or a check";
    Kev "kev" Truth of Cause "listed in CISA's catalogue of known exploited vulnerabilities";
    Exploited "exploited" Truth of Cause "known to be exploited, by whatever source";
    Exploit "exploit" Truth of Cause "an exploit is public";
    Epss "epss" Number of Cause "EPSS probability, 0 to 1";
    Cvss "cvss" Number of Cause "the published CVSS score, 0 to 10";
    Verdict "verdict" Text of Judgement "affected or possibly";
    Component "component" Text of Judgement "the component that has it";
    Vendor "vendor" Text of Judgement "the component's maker";
    Version "version" Text of Judgement "the component's version";
    Fix "fix" Truth of Judgement "a version without it is known";
    Decision "decision" Text of Decision "act_now, schedule, defer or monitor";
    Row "row" Text of Decision "the row of the policy that decided";
    Settled "settled" Truth of Decision "no fact that is missing could change the decision";
    Due "due" Moment of Exposure "when it should be done";
    Overdue "overdue" Truth of Exposure "it should have been done before now";
    Clock "clock" Text of Exposure "how long there is: overdue, within 3 days, within 14 days, within 90 days, later, no date";
}

/// All values a text can have, where they are a closed set.
pub fn closed(name: Name) -> &'static [&'static str] {
    match name {
        Name::Reach => Input::Exposure.values(),
        Name::Verdict => &["affected", "possibly"],
        Name::Decision => &["act_now", "schedule", "defer", "monitor"],
        Name::Clock => {
            &["overdue", "within 3 days", "within 14 days", "within 90 days", "later", "no date"]
        }
        _ => &[],
    }
}

impl Name {
    /// By its place in [`FIELDS`].
    pub(crate) fn at(place: usize) -> Option<Name> {
        Name::ALL.get(place).copied()
    }

    /// Whether exposures can be counted by it: it has words, and not one for each.
    pub fn is_countable(self) -> bool {
        let kind = FIELDS.get(self as usize).map(|field| field.kind);
        matches!(kind, Some(Kind::Text | Kind::Truth))
            && !matches!(self, Name::Asset | Name::Settled | Name::Fix | Name::Gated)
    }

    /// The names of those it can be counted by.
    pub fn countable() -> impl Iterator<Item = &'static str> {
        let all = Name::ALL.iter().zip(FIELDS);
        all.filter(|(name, _)| name.is_countable()).map(|(_, field)| field.name)
    }

    /// By the name it is written with.
    pub fn called(name: &str) -> Option<Name> {
        FIELDS.iter().position(|field| field.name == name).and_then(Name::at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predicate::Predicate;

    #[test]
    fn every_field_can_be_written_in_the_language() {
        for field in FIELDS {
            let filter = match field.kind {
                Kind::Text => format!("{} == \"x\"", field.name),
                Kind::Number => format!("{} > 1", field.name),
                Kind::Truth => field.name.to_owned(),
                Kind::Moment => format!("{} < timestamp(\"2026-08-16T09:00:00Z\")", field.name),
            };
            let read = Predicate::read(&filter, FIELDS, jiff::Timestamp::UNIX_EPOCH);
            assert!(read.is_ok(), "{filter}: {read:?}");
        }
    }
}
