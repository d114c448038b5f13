//! A site ready to be asked: every exposure in columns, to be filtered, sorted, grouped and counted.
//!
//! A desk is made of an assessment and never changes.  Whoever asks holds one while another is made, so that a
//! list, its counts and its export speak of one moment; a look at the past is a desk like any other.

mod chosen;
mod columns;
pub mod fields;
mod groups;
mod jobs;
mod list;
mod reconcile;

pub use chosen::{Chosen, Within, verdict_name};
pub use groups::Group;
pub use jobs::{Details, Job, JobKey};
pub use list::{After, Entry, Listing, Sort, Sorted};
pub use reconcile::{Coverage, Queue};

use crate::assess::{Assessment, AssetState, Exposure, Rules};
use crate::deferral::{Deferred, Ground, Hanging};
use crate::desk::columns::Columns;
use crate::desk::fields::Name;
use crate::prioritise::{Decided, decide_one, number};
use crate::support::Support;
use crate::threat::{Threat, Threats};
use crate::worklist::{self, Rank, judged};
use crate::world::{Sight, World};
use exposome_model::claim::Claim;
use exposome_model::event::Anchor;
use exposome_model::exposure::Judgement;
use exposome_model::inventory::{Attribute, Component};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

#[derive(Debug)]
pub struct Desk {
    assessment: Assessment,
    sight: Sight,
    pub threats: Threats,
    pub support: Arc<Support>,
    columns: Columns,
    /// Asset -> the words of its sources, and of the zone sheets that speak of where it is.
    anchors: Vec<[Vec<Anchor>; 2]>,
    /// Asset and place among its words, in the order of the words; worked out when somebody first asks.
    in_order: OnceLock<Vec<(u32, u32)>>,
    presences: Vec<reconcile::Presence>,
    /// Assets that carry a key which is not believed.
    carriers: BTreeMap<u32, Vec<String>>,
    /// Name -> the assets that are a part of it, ascending.
    applications: BTreeMap<String, Vec<u32>>,
    /// In the order of their ids.
    causes: Vec<Cause>,
    /// Exposure -> cause.
    cause_of: Vec<u32>,
    groups: worklist::Causes,
    /// Exposure -> how urgent.
    ranks: Vec<Rank>,
    /// Cohort -> its first exposure; one more at the end.
    first_of_cohort: Vec<u32>,
    /// Asset -> cohort.
    cohort_of: Vec<u32>,
}

/// A vulnerability or a check that something here has.
#[derive(Debug)]
pub(crate) struct Cause {
    pub(crate) id: String,
    pub(crate) threat: Option<Arc<Threat>>,
}

impl Desk {
    /// Of an assessment that is decided.
    pub fn of(
        assessment: Assessment,
        claims: &[Claim],
        world: &World,
        sight: Sight,
        rules: &Rules,
    ) -> Desk {
        let threats = &world.threats;
        let columns = Columns::of(&assessment, claims, &rules.categories);
        let anchors_of = |numbers: &[u32]| -> Vec<Anchor> {
            let claims = numbers.iter().filter_map(|&it| claims.get(it as usize));
            claims.map(Anchor::of).collect()
        };
        let anchors = assessment.assets.iter();
        let anchors = anchors.map(|it| [anchors_of(&it.asset.claims), anchors_of(&it.zones)]);
        let groups = worklist::Causes::of(&assessment, threats);
        let ranks: Vec<Rank> = assessment
            .exposures
            .iter()
            .map(|it| worklist::rank(&assessment, &groups, it).unwrap_or(Rank::LAST))
            .collect();
        let (causes, cause_of) = causes(&assessment, threats);
        let mut first_of_cohort = vec![0; assessment.cohorts.len() + 1];
        for exposure in &assessment.exposures {
            if let Some(slot) = first_of_cohort.get_mut(exposure.cohort as usize + 1) {
                *slot += 1;
            }
        }
        let mut end = 0;
        for slot in &mut first_of_cohort {
            end += *slot;
            *slot = end;
        }
        let mut cohort_of = vec![u32::MAX; assessment.assets.len()];
        for (cohort, members) in (0..).zip(&assessment.cohorts) {
            for asset in &members.assets {
                if let Some(slot) = cohort_of.get_mut(*asset as usize) {
                    *slot = cohort;
                }
            }
        }
        Desk {
            sight,
            threats: threats.clone(),
            support: Arc::clone(&world.support),
            columns,
            anchors: anchors.collect(),
            in_order: OnceLock::new(),
            presences: reconcile::presences(&assessment, claims),
            carriers: reconcile::carriers(&assessment, claims),
            applications: applications(&assessment, claims),
            causes,
            cause_of,
            groups,
            ranks,
            first_of_cohort,
            cohort_of,
            assessment,
        }
    }

    pub fn as_of(&self) -> Timestamp {
        self.assessment.as_of
    }

    pub fn assessment(&self) -> &Assessment {
        &self.assessment
    }

    pub fn sight(&self) -> Sight {
        self.sight
    }

    /// An asset by its id, whatever its letters' case.
    pub fn find(&self, id: &str) -> Option<(u32, &AssetState)> {
        let exact = self.assessment.assets.binary_search_by(|it| it.asset.id.as_str().cmp(id));
        let place = exact.ok().or_else(|| {
            let mut assets = self.assessment.assets.iter();
            assets.position(|it| it.asset.id.eq_ignore_ascii_case(id))
        })?;
        Some((number(place), self.assessment.assets.get(place)?))
    }

    pub fn asset(&self, asset: u32) -> Option<&AssetState> {
        self.assessment.assets.get(asset as usize)
    }

    /// What is said of an asset; `None`: nobody says.
    pub fn text(&self, name: Name, asset: u32) -> Option<&str> {
        self.columns.text(name, asset)
    }

    /// The words of sources that speak of an asset.
    pub fn anchors(&self, asset: u32) -> &[Anchor] {
        self.anchors.get(asset as usize).map_or(&[], |[claims, _]| claims)
    }

    /// The words of zone sheets that speak of where an asset is.
    pub fn zone_anchors(&self, asset: u32) -> &[Anchor] {
        self.anchors.get(asset as usize).map_or(&[], |[_, zones]| zones)
    }

    /// The asset that a word of a source speaks of.
    pub fn asset_of(&self, anchor: &Anchor) -> Option<u32> {
        let word = |&(asset, place): &(u32, u32)| self.anchors(asset).get(place as usize);
        let in_order = self.in_order.get_or_init(|| {
            let of_asset = |(asset, [words, _]): (u32, &[Vec<Anchor>; 2])| {
                (0..number(words.len())).map(move |place| (asset, place))
            };
            let mut all: Vec<(u32, u32)> = (0..).zip(&self.anchors).flat_map(of_asset).collect();
            all.sort_by(|a, b| word(a).cmp(&word(b)));
            all
        });
        let found = in_order.binary_search_by(|it| word(it).cmp(&Some(anchor))).ok()?;
        in_order.get(found).map(|it| it.0)
    }

    /// Applications by name, with the assets that are parts of each.
    pub fn applications(&self) -> impl Iterator<Item = (&str, &[u32])> {
        self.applications.iter().map(|(name, assets)| (name.as_str(), assets.as_slice()))
    }

    /// When a source last saw an asset.
    pub fn seen(&self, asset: u32) -> Option<Timestamp> {
        self.columns.seen(asset)
    }

    /// The distinct values of a text of assets, ordered.
    pub fn values(&self, name: Name) -> Vec<&str> {
        let (values, _) = self.columns.numbered(name).unwrap_or_default();
        let mut values: Vec<&str> = values.iter().skip(1).map(String::as_str).collect();
        values.sort_unstable();
        values
    }

    /// What is known of a vulnerability.
    pub fn threat(&self, vulnerability: &str) -> Option<&Threat> {
        self.threats.get(vulnerability)
    }

    /// The vulnerabilities and checks that anything here has, in the order of their ids.
    pub fn causes(&self) -> impl ExactSizeIterator<Item = (&str, Option<&Threat>)> {
        self.causes.iter().map(|it| (it.id.as_str(), it.threat.as_deref()))
    }

    /// Whether something becomes overdue between two moments.
    pub fn falls_due(&self, from: Timestamp, to: Timestamp) -> bool {
        let mut dues = self.assessment.exposures.iter().filter_map(|it| it.due);
        dues.any(|due| from <= due && due < to)
    }

    pub fn exposure(&self, exposure: u32) -> Option<&Exposure> {
        self.assessment.exposures.get(exposure as usize)
    }

    /// What an exposure is about.
    pub fn judged(&self, exposure: u32) -> Option<(&Component, &Judgement)> {
        judged(&self.assessment, self.exposure(exposure)?)
    }

    /// The exposures of an asset, by their numbers, the most urgent first.
    pub fn of_asset(&self, asset: u32) -> Vec<u32> {
        let cohort = self.cohort_of.get(asset as usize).copied().unwrap_or(u32::MAX);
        let mut exposures: Vec<u32> = self.of_cohort(cohort).collect();
        exposures.sort_by_key(|&it| (self.rank(it), it));
        exposures
    }

    /// The exposure of a cohort that is one judgement of its bill.
    pub fn exposure_of(&self, cohort: u32, judgement: u32) -> Option<u32> {
        self.of_cohort(cohort)
            .find(|&it| self.exposure(it).is_some_and(|it| it.judgement == judgement))
    }

    pub fn rank(&self, exposure: u32) -> Rank {
        self.ranks.get(exposure as usize).copied().unwrap_or(Rank::LAST)
    }

    /// The deferral that holds for a judgement of an asset's bill, and how each of its wires stands.
    pub fn deferral(
        &self,
        asset: u32,
        judgement: u32,
        rules: &Rules,
    ) -> Option<(&Deferred, Vec<Hanging>)> {
        let state = self.asset(asset)?;
        let bill = self.assessment.bills.get(state.alike.bill as usize)?;
        let deferred = bill.deferral(judgement)?;
        let (now, sight) = (self.assessment.as_of, self.sight);
        let ground = Ground { now, threats: &self.threats, sight, policy: &rules.policy };
        Some((deferred, deferred.hanging(bill, ground)))
    }

    /// The judgement of an asset's bill again, with everything that is shown of how its decision came.
    pub fn explain(&self, asset: u32, judgement: u32, rules: &Rules) -> Option<Decided> {
        let state = self.asset(asset)?;
        let bill = self.assessment.bills.get(state.alike.bill as usize)?;
        let on = (self.assessment.as_of, &self.threats, self.sight, rules);
        decide_one(bill, judgement, state.alike, on)
    }
}

/// The parts of each application, by every source's word.
fn applications(assessment: &Assessment, claims: &[Claim]) -> BTreeMap<String, Vec<u32>> {
    let mut applications: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (asset, state) in (0..).zip(&assessment.assets) {
        for said in state.asset.said(claims, Attribute::PartOf) {
            applications.entry(said.value.to_owned()).or_default().push(asset);
        }
    }
    applications
}

/// Every vulnerability that exposes something, and which of them each exposure is of.
fn causes(assessment: &Assessment, threats: &Threats) -> (Vec<Cause>, Vec<u32>) {
    let id_of = |exposure: &Exposure| {
        assessment.judgement(exposure).map_or("", |(_, it)| it.vulnerability.as_str())
    };
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut ids: Vec<&str> = Vec::new();
    let mut cause_of: Vec<u32> = Vec::with_capacity(assessment.exposures.len());
    for exposure in &assessment.exposures {
        let id = id_of(exposure);
        cause_of.push(*numbers.entry(id).or_insert_with(|| {
            ids.push(id);
            number(ids.len() - 1)
        }));
    }
    let mut order: Vec<u32> = (0..number(ids.len())).collect();
    order.sort_unstable_by_key(|&it| ids.get(it as usize));
    let mut places = vec![0; ids.len()];
    for (place, &first_met) in (0..).zip(&order) {
        if let Some(slot) = places.get_mut(first_met as usize) {
            *slot = place;
        }
    }
    for slot in &mut cause_of {
        *slot = places.get(*slot as usize).copied().unwrap_or(u32::MAX);
    }
    let cause = |&first_met: &u32| {
        let id = ids.get(first_met as usize).copied().unwrap_or_default();
        Cause { id: id.to_owned(), threat: threats.shared(id) }
    };
    (order.iter().map(cause).collect(), cause_of)
}
