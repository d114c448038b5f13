//! Where sources do not agree on what there is: devices that somebody sees and nobody owns, that somebody owns and
//! nobody sees, that nobody has seen for long, and keys that more than one device carries.
//!
//! *Owned* is what a source names by the hospital's own number; *seen* what another source speaks of as well.

use crate::assess::Assessment;
use crate::desk::Desk;
use crate::desk::chosen::Within;
use crate::desk::fields::Name;
use crate::identify::keys;
use exposome_model::claim::Claim;
use exposome_model::inventory::Attribute;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What sources say of whether a device is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Presence {
    /// A source names it by the hospital's own number.
    owned: bool,
    /// A source that does not speaks of it.
    seen: bool,
}

/// A list of devices each of which waits for one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Queue {
    SeenNotOwned,
    OwnedNotSeen,
    Stale,
    Duplicate,
}

impl Queue {
    pub const ALL: [Queue; 4] =
        [Queue::SeenNotOwned, Queue::OwnedNotSeen, Queue::Stale, Queue::Duplicate];

    pub fn name(self) -> &'static str {
        match self {
            Queue::SeenNotOwned => "seen_not_owned",
            Queue::OwnedNotSeen => "owned_not_seen",
            Queue::Stale => "stale",
            Queue::Duplicate => "duplicate",
        }
    }

    pub fn called(name: &str) -> Option<Queue> {
        Queue::ALL.into_iter().find(|queue| queue.name() == name)
    }
}

/// How far one source, or all on one unit, carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// `None`: of devices of which nobody says the unit.
    pub of: Option<String>,
    pub devices: usize,
    /// What is installed on them is known.
    pub judged: usize,
    /// When it last spoke; of a unit, when one of its devices was last seen.
    pub last: Option<Timestamp>,
}

/// Nobody has seen it for so long.
const STALE_DAYS: i64 = 30;

/// What sources say of each asset, by its number.
pub(crate) fn presences(assessment: &Assessment, claims: &[Claim]) -> Vec<Presence> {
    let presence = |state: &crate::assess::AssetState| {
        let mut presence = Presence::default();
        for claim in state.asset.claims(claims) {
            let is_owning = claim.sheet.first(Attribute::AssetId).is_some();
            presence.owned |= is_owning;
            presence.seen |= !is_owning;
        }
        presence
    };
    assessment.assets.iter().map(presence).collect()
}

/// Assets that carry a key which is not believed: the asset, and the key in words.
pub(crate) fn carriers(assessment: &Assessment, claims: &[Claim]) -> BTreeMap<u32, Vec<String>> {
    let mut carriers: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    if assessment.demoted.is_empty() {
        return carriers;
    }
    let demoted: BTreeSet<(_, &str)> =
        assessment.demoted.iter().map(|it| (it.kind, it.key.as_str())).collect();
    for (asset, state) in (0..).zip(&assessment.assets) {
        for claim in state.asset.claims(claims) {
            for kind in crate::identify::KeyKind::ALL {
                let carried = keys(claim, kind).into_iter();
                let carried = carried.filter(|key| demoted.contains(&(kind, key.as_str())));
                let words = carried.map(|key| format!("{} {key}", kind.words()));
                let of_asset = carriers.entry(asset).or_default();
                of_asset.extend(words);
                of_asset.dedup();
            }
        }
    }
    carriers.retain(|_, keys| !keys.is_empty());
    carriers
}

impl Desk {
    /// The devices of a queue, ascending, among those that somebody may see.
    pub fn queue(&self, queue: Queue, within: Within<'_>) -> Vec<u32> {
        let long_ago = SignedDuration::from_hours(24 * STALE_DAYS);
        let limit = self.as_of().saturating_sub(long_ago).unwrap_or(self.as_of());
        let is_in = |asset: u32| {
            let presence = self.presences.get(asset as usize).copied().unwrap_or_default();
            match queue {
                Queue::SeenNotOwned => presence.seen && !presence.owned,
                Queue::OwnedNotSeen => presence.owned && !presence.seen,
                Queue::Stale => self.seen(asset).is_none_or(|seen| seen < limit),
                Queue::Duplicate => self.carriers.contains_key(&asset),
            }
        };
        let all = 0..crate::prioritise::number(self.assessment.assets.len());
        all.filter(|&asset| is_in(asset) && self.is_seen(asset, within)).collect()
    }

    /// The keys of an asset that others carry, too, in words.
    pub fn shared_keys(&self, asset: u32) -> &[String] {
        self.carriers.get(&asset).map_or(&[], Vec::as_slice)
    }

    /// How many devices each source speaks of, the most first.
    pub fn coverage_by_source(&self, within: Within<'_>) -> Vec<Coverage> {
        self.coverage(within, |asset| {
            let sources: BTreeSet<&str> =
                self.anchors(asset).iter().map(|it| it.source.as_str()).collect();
            sources.into_iter().map(Some).collect()
        })
    }

    /// How many devices each unit has, the most first.
    pub fn coverage_by_unit(&self, within: Within<'_>) -> Vec<Coverage> {
        self.coverage(within, |asset| vec![self.text(Name::Unit, asset)])
    }

    fn coverage<'a>(
        &'a self,
        within: Within<'_>,
        of: impl Fn(u32) -> Vec<Option<&'a str>>,
    ) -> Vec<Coverage> {
        let mut coverage: BTreeMap<Option<&str>, Coverage> = BTreeMap::new();
        for (asset, state) in (0..).zip(&self.assessment.assets) {
            if !self.is_seen(asset, within) {
                continue;
            }
            let is_judged = self.assessment.is_judged(state);
            for value in of(asset) {
                let of = value.map(str::to_owned);
                let empty = Coverage { of, devices: 0, judged: 0, last: None };
                let slot = coverage.entry(value).or_insert(empty);
                slot.devices += 1;
                slot.judged += usize::from(is_judged);
                slot.last = slot.last.max(self.seen(asset));
            }
        }
        let mut coverage: Vec<Coverage> = coverage.into_values().collect();
        coverage.sort_by(|a, b| b.devices.cmp(&a.devices).then_with(|| a.of.cmp(&b.of)));
        coverage
    }
}
