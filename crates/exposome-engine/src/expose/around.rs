//! What must be around a vulnerable component: the system it runs on, the hardware
//! it is the firmware of, the product it is a part of.
//!
//! Three values: there, not there, not known; and if not known, what to find out.
//! NVD's `AND`, `OR` and `negate` are evaluated over the whole bill (NVD CVE API
//! 2.0, `configurations`; a match with `vulnerable: false` is what it runs on).

use super::catalogue::{About, Claim, CpePattern, On, Scope, TreeNode};
use super::condition::{Condition, Walk};
use super::held::{Held, Why};
use super::interned::Words;
use super::platform::{self, Family, Fit, on_platform};
use super::product_text::Recognition;
use super::rows::Holding;
use super::weigh::Depends;
use exposome_model::inventory::ComponentKind;

impl Held<'_> {
    /// Whether what the claim wants around the component is there, and what the answer hangs on.
    pub(super) fn around(&self, claim: &Claim, why: &mut Why) -> (Fit, Depends) {
        if let Some(told) = self.told {
            return (told.clone(), Depends::OnPlatform);
        }
        let mut fit = Fit::Yes;
        let mut depends = Depends::OnItself;
        if let About::Cpe(place) = claim.about
            && let Some(family) = self.catalogue.target_family(place)
        {
            depends = Depends::OnPlatform;
            fit = fit.and(self.bill.runs(family));
        }
        if let Some(scope) = self.scope(claim) {
            depends =
                depends.max(if scope.on.is_some() { Depends::OnAll } else { Depends::OnPlatform });
            fit = fit.and(self.in_scope(scope, why));
        }
        if let Some((tree_fit, tree_depends)) = self.in_tree(claim, why) {
            depends = depends.max(tree_depends);
            fit = fit.and(tree_fit);
        }
        (fit, depends)
    }

    pub(super) fn scope(&self, claim: &Claim) -> Option<&Scope> {
        self.catalogue.scopes.get(claim.scope.checked_sub(1)? as usize)
    }

    fn in_scope(&self, scope: &Scope, why: &mut Why) -> Fit {
        let words = &self.catalogue.words;
        let mut fit = Fit::Yes;
        if let Some(first) = scope.platforms.first() {
            why.say(format_args!(
                "on {} and {} other platforms",
                words.get(*first),
                scope.platforms.len() - 1
            ));
            let platforms = scope.platforms.iter().map(|text| on_platform(words.get(*text), self));
            fit = fit.and(platforms.reduce(Fit::or).unwrap_or(Fit::Yes));
        }
        // The part of the program where the flaw is: what has the program has the part.
        if let Some(first) = scope.modules.first() {
            why.say(format_args!("in {}", words.get(*first)));
        }
        let cpes = scope.cpes.iter().filter_map(|place| {
            let cpe = self.catalogue.cpes.get(*place as usize)?;
            let runs = self
                .catalogue
                .target_family(*place)
                .map_or(Fit::Yes, |family| self.bill.runs(family));
            Some(self.cpe_fits(cpe).and(runs))
        });
        fit = fit.and(cpes.reduce(Fit::or).unwrap_or(Fit::Yes));
        match &scope.on {
            Some(on) => fit.and(self.is_on(on, why)),
            None => fit,
        }
    }

    /// Whether the product that it must be a part of is on the asset.
    fn is_on(&self, on: &On, why: &mut Why) -> Fit {
        let name = self.catalogue.words.get(on.text);
        why.say(format_args!("on {name}"));
        let by_cpe = on.cpes.iter().map(|cpe| self.has(*cpe)).reduce(Fit::or);
        if by_cpe == Some(Fit::Yes) {
            return Fit::Yes;
        }
        let mut fit = by_cpe.filter(|fit| *fit != Fit::No);
        let named = self.catalogue.named.get(on.named as usize);
        let Some(pattern) = named.and_then(|named| self.catalogue.pattern_of(named)) else {
            return fit.unwrap_or(Fit::Yes);
        };
        for (subject, component) in self.bill.parts.iter().copied() {
            let Some(name) = &subject.name else { continue };
            match pattern.recognise(name, component, self.bill.whole) {
                Recognition::Same { .. } => return Fit::Yes,
                Recognition::Possibly { missing_fact, .. } => {
                    fit = Some(Fit::Unknown(missing_fact.into()));
                }
                Recognition::Excluded { .. } | Recognition::Different => {}
            }
        }
        fit.unwrap_or_else(|| Fit::Unknown(self.fact(|| format!("whether it is part of {name}"))))
    }

    /// Whether a thing that a configuration names, vulnerable or not, is on the asset.
    fn has(&self, cpe: u32) -> Fit {
        if let Some(known) = self.bill.known.borrow().get(&cpe) {
            return known.clone();
        }
        let fit = self.look_for(cpe);
        self.bill.known.borrow_mut().insert(cpe, fit.clone());
        fit
    }

    fn look_for(&self, cpe: u32) -> Fit {
        let place = cpe;
        let Some(cpe) = self.catalogue.cpes.get(place as usize) else {
            return Fit::unknown("platform");
        };
        let key = self.catalogue.key_text(cpe.key);
        let found = self.bill.known_as(key).map(|(subject, component)| {
            Held::new(self.catalogue, subject, component, self.bill, self.wordy).is_this(cpe)
        });
        found.reduce(Fit::or).unwrap_or_else(|| self.has_platform(place, cpe))
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
    fn has_platform(&self, place: u32, cpe: &CpePattern) -> Fit {
        let words = &self.catalogue.words;
        let key = self.catalogue.key_text(cpe.key);
        match cpe.part {
            b'o' => {
                if let Some((_, family)) =
                    GENERIC_SYSTEMS.iter().find(|(generic, _)| *generic == key)
                {
                    let runs = self.bill.runs(*family);
                    let definite = cpe.version != Words::NONE && words.get(cpe.version) != "-";
                    let unsure = definite && runs == Fit::Yes;
                    return if unsure { Fit::unknown("operating system version") } else { runs };
                }
                let systems = self.bill.of_kind(ComponentKind::System).count();
                if systems > 0 { Fit::No } else { Fit::unknown("operating system") }
            }
            b'h' => {
                let vendor = key.split(':').nth(1).unwrap_or_default();
                let mut devices = self.bill.of_kind(ComponentKind::Device).peekable();
                let all_others = devices.peek().is_some()
                    && devices
                        .all(|(subject, _)| !subject.vendor.is_empty() && subject.vendor != vendor);
                if all_others { Fit::No } else { Fit::unknown("hardware model") }
            }
            _ => Fit::Unknown(self.fact(|| {
                format!("whether {} is installed", plain(self.catalogue.cpe_text(place)))
            })),
        }
    }

    /// Whether the rest of a configuration holds on this asset.
    fn in_tree(&self, claim: &Claim, why: &mut Why) -> Option<(Fit, Depends)> {
        let tree = self.catalogue.tree(claim)?;
        let fit = self.walk(Walk { nodes: &tree.nodes, claim: Some(claim) }, why);
        let depends = if tree.programs { Depends::OnPrograms } else { Depends::OnPlatform };
        Some((fit, depends))
    }

    /// Whether what stands in a tree is on this asset.
    fn walk(&self, walk: Walk<'_>, why: &mut Why) -> Fit {
        let Some(first) = walk.nodes.first() else { return Fit::Yes };
        match first {
            // Product and version of the claim itself are judged beside the tree.
            node if walk.is_claim(node) => Fit::Yes,
            TreeNode::Match { cpe, .. } => {
                let fit = self.has(*cpe);
                if fit == Fit::Yes {
                    why.say(format_args!("{} is on the asset", self.catalogue.cpe_text(*cpe)));
                }
                fit
            }
            TreeNode::Not => {
                walk.asked().map(|inner| self.walk(inner, why)).fold(Fit::Yes, Fit::and).not()
            }
            TreeNode::All { .. } => {
                walk.asked().map(|inner| self.walk(inner, why)).fold(Fit::Yes, Fit::and)
            }
            TreeNode::Any { .. } => {
                walk.asked().map(|inner| self.walk(inner, why)).fold(Fit::No, Fit::or)
            }
        }
    }

    /// Whether a condition holds on this asset.
    pub(super) fn meets(&self, condition: &Condition) -> Fit {
        let runs = condition.family.map_or(Fit::Yes, |family| self.bill.runs(family));
        let walk = Walk { nodes: &condition.nodes, claim: None };
        runs.and(self.walk(walk, &mut Why::default()))
    }
}

/// Names that stand for a whole family where a program runs "on" them.
const GENERIC_SYSTEMS: &[(&str, Family)] = &[
    ("w:any", Family::Windows),
    ("n:linux:kernel", Family::Linux),
    ("n:apple:macosx", Family::MacOs),
    ("n:apple:macos", Family::MacOs),
    ("n:apple:iphoneos", Family::Ios),
    ("n:google:android", Family::Android),
    ("n:opengroup:unix", platform::Family::Unix),
];

/// `php` of `cpe:2.3:a:php:php:-:*`.
fn plain(cpe: &str) -> String {
    cpe.split(':').nth(4).unwrap_or(cpe).replace('_', " ")
}
