//! What several documents together say of one component and one vulnerability.
//!
//! The word of whoever stands nearer weighs more: the hospital's own people, then
//! the maker or distributor, then who assigned the CVE, then those who describe it
//! from outside.  A nearer word that leaves the question open for want of a fact
//! keeps it open; one that merely cannot be read yields to a plainer document.
//! Nothing that is disputed ends in *not affected* by default.

use super::catalogue::Standing;
use exposome_model::exposure::{Confidence, Verdict};
use std::borrow::Cow;

/// What one claim says of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) claim: u32,
    pub(super) standing: Standing,
    pub(super) outcome: Outcome,
    pub(super) confidence: Confidence,
    /// What on the asset could change it.
    pub(super) depends: Depends,
    /// The document, and how many telling words of the component's name its product has.
    pub(super) closeness: Option<(u32, u8)>,
}

/// What an answer hangs on beside the component itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depends {
    OnItself,
    /// On the operating system and the device.
    OnPlatform,
    /// On other programs that a configuration names.
    OnPrograms,
    /// On anything in the bill.
    OnAll,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Affected,
    /// A fact is missing.
    Open(Cow<'static, str>),
    /// Affected, if a condition holds that the document puts and nobody can read.
    Hinges(Cow<'static, str>),
    /// The document cannot be read or ordered.
    Unreadable(Cow<'static, str>),
    /// The document says so, or the version is past the end of what it calls affected.
    NotAffected,
    /// The document lists other versions only, and does not say what the rest are.
    NotListed,
    /// It does not speak of this component.
    Silent,
}

/// The verdict of all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Weighed {
    pub(super) verdict: Verdict,
    pub(super) confidence: Confidence,
    pub(super) missing_fact: Option<Cow<'static, str>>,
    pub(super) depends: Depends,
}

/// Weighs what was said, in any order; `None` if nobody spoke.
pub(super) fn weigh(said: &mut [Said]) -> Option<Weighed> {
    said.sort_by_key(|one| (one.standing, one.claim));
    silence_the_less_close(said);
    let depends = said.iter().map(|one| one.depends).max().unwrap_or(Depends::OnItself);
    let decided = |verdict, one: &Said, missing_fact: Option<&Cow<'static, str>>| {
        let missing_fact = missing_fact.cloned();
        Some(Weighed { verdict, confidence: one.confidence, missing_fact, depends })
    };
    let left = match by_the_nearest(said) {
        Ok((verdict, one, fact)) => return decided(verdict, one, fact),
        Err(left) => left,
    };
    if let Some((one, fact)) = left.hinges.or(left.doubt).and_then(with_fact) {
        return decided(Verdict::Possibly, one, Some(fact));
    }
    decided(Verdict::NotAffected, left.not_listed?, None)
}

/// Whether nobody who speaks from farther away can change what these say, whatever else is on
/// the asset.  They come in the order of their standing.
pub(super) fn is_settled(said: &[Said]) -> bool {
    let is_sure = |one: &Said| one.depends == Depends::OnItself && one.closeness.is_none();
    said.iter().all(is_sure) && by_the_nearest(said).is_ok()
}

/// A verdict, who carries it, and the fact that is missing.
type Carried<'s> = (Verdict, &'s Said, Option<&'s Cow<'static, str>>);

/// What remains where no standing decides by itself.
#[derive(Default)]
struct Left<'s> {
    doubt: Option<&'s Said>,
    hinges: Option<&'s Said>,
    not_listed: Option<&'s Said>,
}

/// The word of the nearest who decide it, in the order of standing.
fn by_the_nearest(said: &[Said]) -> Result<Carried<'_>, Left<'_>> {
    let mut left = Left::default();
    for peers in said.chunk_by(|a, b| a.standing == b.standing) {
        let best = |wanted: fn(&Outcome) -> bool| {
            peers.iter().filter(|one| wanted(&one.outcome)).max_by_key(|one| one.confidence)
        };
        if let Some(one) = best(|outcome| *outcome == Outcome::Affected) {
            return Ok((Verdict::Affected, one, None));
        }
        // Prose that may speak of it does not outdo an identifier that surely does.
        let open = best(|outcome| matches!(outcome, Outcome::Open(_)));
        let (loose, open) = match open {
            Some(one) if one.confidence == Confidence::Low => (Some(one), None),
            open => (None, open),
        };
        if let Some((one, fact)) = open.and_then(with_fact) {
            return Ok((Verdict::Possibly, one, Some(fact)));
        }
        let hinges = || best(|outcome| matches!(outcome, Outcome::Hinges(_)));
        left.hinges = left.hinges.or(loose).or_else(hinges);
        // What may be affected is not cleared by another line, only confirmed.
        let cleared = best(|outcome| *outcome == Outcome::NotAffected);
        if let Some(one) = cleared.filter(|_| left.hinges.is_none()) {
            return Ok((Verdict::NotAffected, one, None));
        }
        let doubt = || best(|outcome| matches!(outcome, Outcome::Unreadable(_)));
        left.doubt = left.doubt.or_else(doubt);
        left.not_listed =
            left.not_listed.or_else(|| best(|outcome| *outcome == Outcome::NotListed));
    }
    Err(left)
}

/// Of several products of one document the one whose name is closest is meant: `ConnectPort LTS`,
/// not `ConnectPort TS`.
fn silence_the_less_close(said: &mut [Said]) {
    let mut closest: Vec<(u32, u8)> = said.iter().filter_map(|one| one.closeness).collect();
    if closest.len() < 2 {
        return;
    }
    closest.sort_unstable();
    for one in said {
        let Some((document, closeness)) = one.closeness else { continue };
        let better = |(other, theirs): &(u32, u8)| *other == document && *theirs > closeness;
        if closest.iter().any(better) {
            one.outcome = Outcome::Silent;
        }
    }
}

fn with_fact(one: &Said) -> Option<(&Said, &Cow<'static, str>)> {
    match &one.outcome {
        Outcome::Open(fact) | Outcome::Unreadable(fact) | Outcome::Hinges(fact) => {
            Some((one, fact))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &[(Standing, Outcome)], expected: &str) {
        let mut said: Vec<Said> = (0..)
            .zip(said)
            .map(|(claim, (standing, outcome))| Said {
                claim,
                standing: *standing,
                outcome: outcome.clone(),
                confidence: Confidence::High,
                depends: Depends::OnItself,
                closeness: None,
            })
            .collect();
        let actual =
            weigh(&mut said).map_or("nothing".to_owned(), |weighed| match weighed.missing_fact {
                Some(fact) => format!("{:?}: {fact}", weighed.verdict),
                None => format!("{:?}", weighed.verdict),
            });
        assert_eq!(actual, expected);
    }

    fn open(fact: &'static str) -> Outcome {
        Outcome::Open(Cow::Borrowed(fact))
    }

    fn unreadable() -> Outcome {
        Outcome::Unreadable(Cow::Borrowed("a reading of the range"))
    }

    #[test]
    fn the_nearer_word_weighs_more() {
        use Standing::{Assigner, Enrichment, Hospital, Vendor};
        check(&[(Enrichment, Outcome::Affected), (Vendor, Outcome::NotAffected)], "NotAffected");
        check(&[(Enrichment, Outcome::NotAffected), (Assigner, Outcome::Affected)], "Affected");
        check(&[(Hospital, Outcome::NotAffected), (Vendor, Outcome::Affected)], "NotAffected");
        check(
            &[(Assigner, open("option: wireless")), (Enrichment, Outcome::Affected)],
            "Possibly: option: wireless",
        );
    }

    #[test]
    fn of_the_products_of_one_document_the_closest_name_is_meant() {
        let said = |claim, document, closeness, outcome| Said {
            claim,
            standing: Standing::Assigner,
            outcome,
            confidence: Confidence::High,
            depends: Depends::OnItself,
            closeness: Some((document, closeness)),
        };
        let mut one_document =
            [said(0, 7, 5, Outcome::Affected), said(1, 7, 9, Outcome::NotAffected)];
        assert_eq!(weigh(&mut one_document).unwrap().verdict, Verdict::NotAffected);
        let mut two_documents =
            [said(0, 7, 5, Outcome::Affected), said(1, 8, 9, Outcome::NotAffected)];
        assert_eq!(weigh(&mut two_documents).unwrap().verdict, Verdict::Affected);
    }

    #[test]
    fn what_cannot_be_read_yields_to_what_can() {
        use Standing::{Assigner, Enrichment};
        check(&[(Assigner, unreadable()), (Enrichment, Outcome::NotAffected)], "NotAffected");
        check(&[(Assigner, unreadable()), (Enrichment, Outcome::Affected)], "Affected");
        check(
            &[(Assigner, unreadable()), (Enrichment, Outcome::NotListed)],
            "Possibly: a reading of the range",
        );
    }

    #[test]
    fn a_condition_that_nobody_can_read_is_confirmed_or_stays_open() {
        use Standing::{Assigner, Enrichment};
        let hinges = || Outcome::Hinges(Cow::Borrowed("platform: Experion PKS"));
        check(&[(Assigner, hinges()), (Enrichment, Outcome::Affected)], "Affected");
        check(
            &[(Assigner, hinges()), (Assigner, Outcome::NotAffected)],
            "Possibly: platform: Experion PKS",
        );
    }

    #[test]
    fn a_version_that_a_near_list_lacks_may_stand_in_a_farther_one() {
        use Standing::{Assigner, Enrichment};
        check(&[(Assigner, Outcome::NotListed), (Enrichment, Outcome::Affected)], "Affected");
        check(&[(Assigner, Outcome::NotListed)], "NotAffected");
        check(&[(Assigner, Outcome::Silent)], "nothing");
    }

    #[test]
    fn who_is_far_is_not_heard_where_the_near_have_settled_it() {
        use Depends::{OnItself, OnPlatform};
        let said = |outcome, depends| Said {
            claim: 0,
            standing: Standing::Assigner,
            outcome,
            confidence: Confidence::High,
            depends,
            closeness: None,
        };
        assert!(is_settled(&[said(Outcome::Affected, OnItself)]));
        assert!(is_settled(&[said(Outcome::NotAffected, OnItself)]));
        assert!(!is_settled(&[said(Outcome::NotListed, OnItself)]), "a farther list may have it");
        assert!(!is_settled(&[said(unreadable(), OnItself)]), "a farther one may be plainer");
        assert!(!is_settled(&[said(Outcome::Affected, OnPlatform)]), "elsewhere it may not be");
        let nearer_name = Said { closeness: Some((0, 9)), ..said(Outcome::Affected, OnItself) };
        assert!(!is_settled(&[nearer_name]), "another product of the document may be nearer");
    }

    #[test]
    fn two_lines_of_equal_standing_and_one_says_affected() {
        use Standing::Assigner;
        check(&[(Assigner, Outcome::NotAffected), (Assigner, Outcome::Affected)], "Affected");
    }

    #[test]
    fn prose_that_may_speak_of_it_does_not_outdo_an_identifier_that_does() {
        let said = |standing, outcome, confidence| Said {
            claim: 0,
            standing,
            outcome,
            confidence,
            depends: Depends::OnItself,
            closeness: None,
        };
        let open = || Outcome::Open("model".into());
        let verdict = |second: Outcome| {
            let mut all = [
                said(Standing::Vendor, open(), Confidence::Low),
                said(Standing::Enrichment, second, Confidence::High),
            ];
            weigh(&mut all).map(|weighed| weighed.verdict)
        };
        assert_eq!(verdict(Outcome::Affected), Some(Verdict::Affected));
        assert_eq!(verdict(Outcome::NotAffected), Some(Verdict::Possibly), "it stays open");
    }
}
