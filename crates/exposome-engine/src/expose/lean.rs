//! The short judgement: verdicts without words, one component at a time.
//!
//! A hospital's million devices share some hundred thousand distinct components.
//! Each is judged once, by itself; what hangs on the rest of a bill is marked, with
//! the claims that leave it open, and settled for each bill (`columns.rs`).

use super::bill::Bill;
use super::catalogue::Catalogue;
use super::held::{Held, Hit, Why};
use super::subject::Subject;
use super::weigh::{Depends, Said, weigh};
use exposome_model::exposure::Verdict;
use exposome_model::inventory::Component;

/// What is said of one component and one vulnerability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lean {
    /// The number of the vulnerability in its catalogue.
    pub vulnerability: u32,
    pub verdict: Verdict,
    /// What else on the asset could change the verdict.
    pub depends: Depends,
    /// The claims that have to be asked again then: a range in [`Scratch::claims`].
    claims: (u32, u32),
}

/// Buffers that are used again and again.
#[derive(Debug, Default)]
pub struct Scratch {
    candidates: Vec<(u32, Hit)>,
    said: Vec<(u32, Said, Hit)>,
    weighing: Vec<Said>,
    claims: Vec<(u32, Hit)>,
    found: Vec<Lean>,
}

impl Scratch {
    /// What was said of the component that was judged last.
    pub(super) fn found(&self) -> &[Lean] {
        &self.found
    }

    /// The claims that left a verdict open.
    pub(super) fn claims_of(&self, one: &Lean) -> &[(u32, Hit)] {
        self.claims.get(one.claims.0 as usize..one.claims.1 as usize).unwrap_or_default()
    }
}

impl Catalogue {
    /// Judges one component by itself, in the order of the vulnerabilities' numbers.
    pub fn judge_lean<'s>(&self, component: &Component, scratch: &'s mut Scratch) -> &'s [Lean] {
        let subject = Subject::read(component, self);
        self.judge_subject(&subject, component, false, scratch)
    }

    /// `again`: it is the product that was judged last, in another version.
    pub(super) fn judge_subject<'s>(
        &self,
        subject: &Subject,
        component: &Component,
        again: bool,
        scratch: &'s mut Scratch,
    ) -> &'s [Lean] {
        let bill = Bill::whole(std::slice::from_ref(component), std::slice::from_ref(subject));
        let held = Held::new(self, subject, component, &bill, false);
        if !again {
            held.candidates(&mut scratch.candidates);
        }
        scratch.said.clear();
        scratch.found.clear();
        scratch.claims.clear();
        for &(number, hit) in &scratch.candidates {
            let Some(claim) = self.claims.get(number as usize) else { continue };
            if let Some(one) = held.say(number, claim, hit, &mut Why::default()) {
                scratch.said.push((claim.vulnerability, one, hit));
            }
        }
        scratch.said.sort_unstable_by_key(|(vulnerability, one, _)| (*vulnerability, one.claim));
        for group in scratch.said.chunk_by(|(a, ..), (b, ..)| a == b) {
            scratch.weighing.clear();
            scratch.weighing.extend(group.iter().map(|(_, one, _)| one.clone()));
            let (Some(weighed), Some((vulnerability, ..))) =
                (weigh(&mut scratch.weighing), group.first())
            else {
                continue;
            };
            let start = u32::try_from(scratch.claims.len()).unwrap_or(u32::MAX);
            if weighed.depends != Depends::OnItself {
                scratch.claims.extend(group.iter().map(|(_, one, hit)| (one.claim, *hit)));
            }
            let end = u32::try_from(scratch.claims.len()).unwrap_or(u32::MAX);
            scratch.found.push(Lean {
                vulnerability: *vulnerability,
                verdict: weighed.verdict,
                depends: weighed.depends,
                claims: (start, end),
            });
        }
        &scratch.found
    }
}

impl Held<'_> {
    /// Asks the claims that left it open again, now in a bill.
    pub(super) fn settle(&self, claims: &[(u32, Hit)]) -> Verdict {
        let mut said: Vec<Said> = Vec::with_capacity(claims.len());
        for &(number, hit) in claims {
            let Some(claim) = self.catalogue.claims.get(number as usize) else { continue };
            said.extend(self.say(number, claim, hit, &mut Why::default()));
        }
        weigh(&mut said).map_or(Verdict::NotAffected, |weighed| weighed.verdict)
    }
}
