//! What was concluded, as it was written down: every transition so far, one after the other.
//!
//! It is what later assessments are held against.  Nothing here is worked out again: a
//! version of the program that would conclude something else does not change what was
//! concluded.

use crate::moves::{Sides, Stood, each_elsewhere};
use exposome_model::decision::Stand;
use exposome_model::transition::{Group, Place, Reason, Step, Transitions};
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Every exposure that stands somewhere, asset by asset.
#[derive(Debug, Clone, Default)]
pub struct Concluded {
    places: Numbered<Place>,
    stands: Numbered<Stand>,
    /// Asset -> class.
    of_assets: BTreeMap<String, u32>,
    /// Assets of which all the same was concluded all along.
    classes: Vec<Class>,
    free: Vec<u32>,
}

#[derive(Debug, Clone, Default)]
struct Class {
    members: u32,
    /// Ascending by place.
    open: Vec<Open>,
}

/// One exposure that stands somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) place: u32,
    stand: u32,
    /// When it was first concluded that it is there; seconds.
    since: i64,
}

/// Things by numbers.
#[derive(Debug, Clone)]
struct Numbered<T> {
    all: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Numbered<T> {
        Numbered { all: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: Hash + Eq + Clone> Numbered<T> {
    fn number(&mut self, of: &T) -> u32 {
        if let Some(number) = self.numbers.get(of) {
            return *number;
        }
        let number = crate::prioritise::number(self.all.len());
        self.all.push(of.clone());
        self.numbers.insert(of.clone(), number);
        number
    }

    fn get(&self, number: u32) -> Option<&T> {
        self.all.get(number as usize)
    }
}

impl Concluded {
    /// Takes in a block of what was concluded next, at a moment.
    pub fn hear(&mut self, block: &Transitions, as_of: jiff::Timestamp) {
        self.hear_closed(block, as_of, |_closed| {});
    }

    /// The same; hands over what is no exposure any more.
    pub fn hear_closed(
        &mut self,
        block: &Transitions,
        as_of: jiff::Timestamp,
        mut take: impl FnMut(Closed),
    ) {
        let places: Vec<u32> = block.places.iter().map(|it| self.places.number(it)).collect();
        let stands: Vec<u32> = block.stands.iter().map(|it| self.stands.number(it)).collect();
        for group in &block.groups {
            let steps = group.steps.iter().filter_map(|step| {
                let place = *places.get(step.place as usize)?;
                let after = step.after.map(|it| stands.get(it as usize).copied());
                Some((place, after.flatten()))
            });
            let mut steps: Vec<(u32, Option<u32>)> = steps.collect();
            steps.sort_unstable();
            for (class, assets) in self.by_class(&group.assets) {
                let open = class.map_or(&[][..], |it| self.open(it));
                for open in ended(open, &steps) {
                    let Ok(since) = jiff::Timestamp::from_second(open.since) else { continue };
                    let due = self.stands.get(open.stand).and_then(|stand| stand.due);
                    take(Closed { since, at: as_of, due, count: assets.len() as u64 });
                }
                self.step(class, &assets, &steps, as_of.as_second());
            }
        }
    }

    fn by_class<'a>(&self, assets: &'a [String]) -> BTreeMap<Option<u32>, Vec<&'a str>> {
        let mut by_class: BTreeMap<Option<u32>, Vec<&str>> = BTreeMap::new();
        for asset in assets {
            by_class.entry(self.of_assets.get(asset).copied()).or_default().push(asset);
        }
        by_class
    }

    fn step(&mut self, from: Option<u32>, assets: &[&str], steps: &[(u32, Option<u32>)], at: i64) {
        let size = crate::prioritise::number(assets.len());
        let whole = from.filter(|&it| self.class(it).is_some_and(|it| it.members == size));
        let open = from.and_then(|it| self.class(it)).map_or(&[][..], |it| it.open.as_slice());
        let class = Class { members: size, open: stepped(open, steps, at) };
        let number = whole.unwrap_or_else(|| {
            if let Some(class) = from.and_then(|it| self.classes.get_mut(it as usize)) {
                class.members -= size;
            }
            self.free.pop().unwrap_or_else(|| {
                self.classes.push(Class::default());
                crate::prioritise::number(self.classes.len() - 1)
            })
        });
        // An asset without exposures is not spoken of.
        let is_empty = class.open.is_empty();
        for asset in assets {
            if is_empty {
                self.of_assets.remove(*asset);
            } else {
                self.of_assets.insert((*asset).to_owned(), number);
            }
        }
        if is_empty {
            self.free.push(number);
        }
        if let Some(slot) = self.classes.get_mut(number as usize) {
            *slot = class;
        }
    }

    fn class(&self, number: u32) -> Option<&Class> {
        self.classes.get(number as usize)
    }

    /// The assets that have exposures.
    pub(crate) fn assets(&self) -> impl Iterator<Item = (&str, u32)> {
        self.of_assets.iter().map(|(asset, class)| (asset.as_str(), *class))
    }

    /// The exposures of a class, ascending by place.
    pub(crate) fn open(&self, class: u32) -> &[Open] {
        self.class(class).map_or(&[], |class| class.open.as_slice())
    }

    pub(crate) fn stood(&self, open: &Open) -> Option<Stood<'_>> {
        self.stands.get(open.stand).map(Stood::of)
    }

    pub(crate) fn places(&self) -> &[Place] {
        &self.places.all
    }

    /// Where every exposure of an asset stands, and since when it is known; in the order of places.
    pub fn of_asset(&self, asset: &str) -> Vec<(&Place, &Stand, jiff::Timestamp)> {
        let class = self.of_assets.get(asset).copied();
        let open = class.map_or(&[][..], |class| self.open(class));
        let mut all: Vec<_> = open
            .iter()
            .filter_map(|it| {
                let since = jiff::Timestamp::from_second(it.since).ok()?;
                Some((self.places.get(it.place)?, self.stands.get(it.stand)?, since))
            })
            .collect();
        all.sort();
        all
    }

    /// How many exposures stand.
    pub fn len(&self) -> usize {
        let sizes = self.classes.iter().map(|it| it.members as usize * it.open.len());
        sizes.sum()
    }

    pub fn is_empty(&self) -> bool {
        self.of_assets.is_empty()
    }
}

/// One exposure that went from one stand to another.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    pub place: &'a Place,
    pub before: Option<&'a Stand>,
    pub after: Option<&'a Stand>,
    pub why: &'a [Reason],
}

/// What a block says of one asset.
pub fn turns<'a>(block: &'a Transitions, asset: &str) -> impl Iterator<Item = Turn<'a>> {
    let holds = |group: &&Group| group.assets.binary_search_by(|it| it.as_str().cmp(asset)).is_ok();
    let groups: Vec<&Group> = block.groups.iter().filter(holds).collect();
    let steps = groups.into_iter().flat_map(|group| &group.steps);
    steps.filter_map(|step| {
        let (before, after) = (block.stand(step.before), block.stand(step.after));
        Some(Turn { place: block.place(step)?, before, after, why: block.why(step) })
    })
}

/// Exposures that ended: alike, on so many assets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// When it was first concluded that they are there.
    pub since: jiff::Timestamp,
    /// When it was concluded that they are not any more.
    pub at: jiff::Timestamp,
    /// By when they were to be mended, as it stood last.
    pub due: Option<jiff::Timestamp>,
    pub count: u64,
}

/// Which exposures of a class some steps end; both ascend by place.
fn ended<'a>(open: &'a [Open], steps: &'a [(u32, Option<u32>)]) -> impl Iterator<Item = &'a Open> {
    let ending = steps.iter().filter(|(_, after)| after.is_none());
    ending.filter_map(|(place, _)| {
        let found = open.binary_search_by_key(place, |it| it.place).ok()?;
        open.get(found)
    })
}

/// The exposures of a class after some steps; both ascend by place.
fn stepped(open: &[Open], steps: &[(u32, Option<u32>)], at: i64) -> Vec<Open> {
    let mut stepped = Vec::with_capacity(open.len() + steps.len());
    let mut open = open.iter().copied().peekable();
    for &(place, after) in steps {
        while let Some(kept) = open.next_if(|it| it.place < place) {
            stepped.push(kept);
        }
        let before = open.next_if(|it| it.place == place);
        let since = before.map_or(at, |it| it.since);
        stepped.extend(after.map(|stand| Open { place, stand, since }));
    }
    stepped.extend(open);
    stepped
}

/// So many steps make a block.
const STEPS_A_BLOCK: usize = 100_000;

/// What stands elsewhere than it was concluded, as it is to be written down.
pub fn transitions(sides: Sides<'_>, of_then: &[Reason], between: &[Reason]) -> Vec<Transitions> {
    let mut blocks = Blocks::default();
    each_elsewhere(sides, (of_then, between), |group, elsewhere, why| {
        let (vulnerability, kind, vendor, name) = elsewhere.place;
        let block = blocks.of_group(group.number);
        let place = Place {
            vulnerability: vulnerability.to_owned(),
            kind,
            vendor: vendor.map(str::to_owned),
            name: name.to_owned(),
        };
        let step = Step {
            place: block.places.number(&place),
            before: elsewhere.before.map(|it| block.stands.number(&it.to_stand())),
            after: elsewhere.after.map(|it| block.stands.number(&it.to_stand())),
            why: block.reasons.number(&why),
        };
        block.step(group.number, || group.ids().map(str::to_owned).collect(), step);
    });
    blocks.all.into_iter().map(Block::written).collect()
}

#[derive(Default)]
struct Blocks {
    all: Vec<Block>,
}

/// A block in the making.
#[derive(Default)]
struct Block {
    places: Numbered<Place>,
    stands: Numbered<Stand>,
    reasons: Numbered<Vec<Reason>>,
    groups: Vec<Group>,
    last_group: Option<usize>,
    steps: usize,
}

impl Blocks {
    fn of_group(&mut self, group: usize) -> &mut Block {
        let is_full =
            |block: &Block| block.steps >= STEPS_A_BLOCK && block.last_group != Some(group);
        if self.all.last().is_none_or(is_full) {
            self.all.push(Block::default());
        }
        let last = self.all.len() - 1;
        match self.all.get_mut(last) {
            Some(block) => block,
            None => unreachable!("one was pushed where there was none"),
        }
    }
}

impl Block {
    fn step(&mut self, group: usize, assets: impl FnOnce() -> Vec<String>, step: Step) {
        if self.last_group != Some(group) {
            self.groups.push(Group { assets: assets(), steps: Vec::new() });
            self.last_group = Some(group);
        }
        if let Some(group) = self.groups.last_mut() {
            group.steps.push(step);
        }
        self.steps += 1;
    }

    fn written(self) -> Transitions {
        Transitions {
            places: self.places.all,
            stands: self.stands.all,
            reasons: self.reasons.all,
            groups: self.groups,
        }
    }
}
