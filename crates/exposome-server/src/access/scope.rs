//! What somebody may see: sites, and units of them.  Worked out once a request, never once a row.

use super::permissions::{Reach, Who};
use super::role::Role;
use exposome_store::accounts::Grant;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Sites and units that a request reaches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// Every site, and every unit.
    pub everywhere: bool,
    /// Else these; a site without units is reached whole.
    pub sites: BTreeMap<String, Option<BTreeSet<String>>>,
}

/// As it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ScopeView {
    /// Names of sites; null: every one
    pub sites: Option<Vec<String>>,
    /// Of each site that is not reached whole, its units
    pub units: Option<BTreeMap<String, Vec<String>>>,
}

impl Scope {
    /// What the roles that may use a route reach with it; nothing where none may.
    pub fn of(who: Who, grants: &[(Role, Grant)]) -> Option<Scope> {
        let mut scope = None;
        for (role, grant) in grants {
            match who.reach(*role) {
                Reach::No => {}
                Reach::Whole => scope.get_or_insert_with(Scope::default).everywhere = true,
                Reach::Scoped => scope.get_or_insert_with(Scope::default).add(grant),
            }
        }
        scope
    }

    /// What all roles of somebody reach together.
    pub fn of_all(grants: &[(Role, Grant)]) -> Scope {
        let mut scope = Scope::default();
        for (_, grant) in grants {
            scope.add(grant);
        }
        scope
    }

    fn add(&mut self, grant: &Grant) {
        let Some(site) = &grant.site else {
            match &grant.unit {
                // A unit of every site has no meaning of its own: it is refused where it is given.
                Some(_) => {}
                None => self.everywhere = true,
            }
            return;
        };
        let units = self.sites.entry(site.clone()).or_insert_with(|| Some(BTreeSet::new()));
        match (&grant.unit, units) {
            (None, units) => *units = None,
            (Some(unit), Some(units)) => {
                units.insert(unit.clone());
            }
            (Some(_), None) => {}
        }
    }

    pub fn has_site(&self, site: &str) -> bool {
        self.everywhere || self.sites.contains_key(site)
    }

    /// The units of a site that are reached; nothing where it is reached whole.
    pub fn units(&self, site: &str) -> Option<&BTreeSet<String>> {
        if self.everywhere { None } else { self.sites.get(site)?.as_ref() }
    }

    /// Whether a thing in a unit is seen.  What stands in no known unit is seen by those alone who see the whole site.
    pub fn has_unit(&self, site: &str, unit: Option<&str>) -> bool {
        if self.everywhere {
            return true;
        }
        match self.sites.get(site) {
            None => false,
            Some(None) => true,
            Some(Some(units)) => unit.is_some_and(|unit| units.contains(unit)),
        }
    }

    /// Whether all that another reaches lies within this one.
    pub fn holds(&self, other: &Scope) -> bool {
        if self.everywhere {
            return true;
        }
        !other.everywhere
            && other.sites.iter().all(|(site, units)| match (self.sites.get(site), units) {
                (None, _) | (Some(Some(_)), None) => false,
                (Some(None), _) => true,
                (Some(Some(ours)), Some(theirs)) => theirs.is_subset(ours),
            })
    }

    pub fn view(&self) -> ScopeView {
        if self.everywhere {
            return ScopeView { sites: None, units: None };
        }
        let units: BTreeMap<String, Vec<String>> = self
            .sites
            .iter()
            .filter_map(|(site, units)| {
                Some((site.clone(), units.as_ref()?.iter().cloned().collect()))
            })
            .collect();
        let units = (!units.is_empty()).then_some(units);
        ScopeView { sites: Some(self.sites.keys().cloned().collect()), units }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_store::accounts::Origin;

    fn grant(site: Option<&str>, unit: Option<&str>) -> Grant {
        Grant {
            role: "analyst".into(),
            site: site.map(Into::into),
            unit: unit.map(Into::into),
            origin: Origin::Administrator,
            until: None,
        }
    }

    #[test]
    fn a_nurse_of_one_unit_sees_its_things_and_no_others() {
        let scope = Scope::of_all(&[(Role::Clinician, grant(Some("main"), Some("ICU")))]);
        assert!(scope.has_unit("main", Some("ICU")));
        assert!(!scope.has_unit("main", Some("OR")));
        assert!(!scope.has_unit("main", None));
        assert!(!scope.has_unit("north", Some("ICU")));
        assert!(!scope.has_site("north"));
    }

    #[test]
    fn the_whole_site_is_more_than_one_of_its_units_in_whichever_order_they_were_given() {
        let whole = (Role::Analyst, grant(Some("main"), None));
        let unit = (Role::Analyst, grant(Some("main"), Some("ICU")));
        for grants in [[whole.clone(), unit.clone()], [unit.clone(), whole.clone()]] {
            assert!(Scope::of_all(&grants).has_unit("main", None));
        }
        let (whole, unit) = (Scope::of_all(&[whole]), Scope::of_all(&[unit]));
        let everywhere = Scope { everywhere: true, ..Scope::default() };
        assert!(everywhere.holds(&whole) && whole.holds(&unit) && unit.holds(&unit));
        assert!(!unit.holds(&whole) && !whole.holds(&everywhere));
    }

    #[test]
    fn a_role_that_may_not_adds_nothing_to_what_another_may() {
        let grants =
            [(Role::Reporter, grant(None, None)), (Role::Analyst, grant(Some("main"), None))];
        let scope = Scope::of(Who::Roles("s . . . . . . ."), &grants).unwrap();
        assert!(scope.has_site("main") && !scope.has_site("north"));
        assert_eq!(Scope::of(Who::Roles(". s . . . . . ."), &grants), None);
    }
}
