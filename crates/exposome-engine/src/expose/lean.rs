//! The short judgement: verdicts without words, one component at a time.
//!
//! A hospital's million devices share some hundred thousand distinct components.
//! Each is judged once, by itself; what hangs on the rest of a bill is marked, with
//! the claims that leave it open, and settled for each bill (`columns.rs`).

use super::bill::Bill;
use super::catalogue::{Catalogue, Claim, Standing};
use super::held::{Held, Hit, Recognised, Why};
use super::platform::Fit;
use super::subject::Subject;
use super::weigh::{Depends, Said, is_settled, weigh};
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
    found_by_key: Vec<(u32, Hit)>,
    /// The claims on the product, those on one vulnerability together.
    candidates: Vec<Candidate>,
    weighing: Vec<Said>,
    claims: Vec<(u32, Hit)>,
    found: Vec<Lean>,
}

/// A claim that may concern a product.
#[derive(Debug)]
struct Candidate {
    vulnerability: u32,
    standing: Standing,
    claim: u32,
    hit: Hit,
    /// The same for every version of the product; nothing where each has to be looked at.
    recognised: Option<Recognised>,
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
            held.candidates(&mut scratch.found_by_key);
            scratch.candidates.clear();
            let found = scratch.found_by_key.iter();
            scratch
                .candidates
                .extend(found.filter_map(|&(number, hit)| held.candidate(number, hit)));
            scratch.candidates.sort_by_key(|one| (one.vulnerability, one.standing, one.claim));
        }
        scratch.found.clear();
        scratch.claims.clear();
        for group in scratch.candidates.chunk_by(|a, b| a.vulnerability == b.vulnerability) {
            scratch.weighing.clear();
            for peers in group.chunk_by(|a, b| a.standing == b.standing) {
                scratch.weighing.extend(peers.iter().filter_map(|one| held.say_candidate(one)));
                // A distribution's word on its package is nearer than the claim it stands in.
                if subject.distribution.is_none() && is_settled(&scratch.weighing) {
                    break;
                }
            }
            let (Some(weighed), Some(first)) = (weigh(&mut scratch.weighing), group.first()) else {
                continue;
            };
            let start = u32::try_from(scratch.claims.len()).unwrap_or(u32::MAX);
            if weighed.depends != Depends::OnItself {
                scratch.claims.extend(group.iter().map(|one| (one.claim, one.hit)));
            }
            let end = u32::try_from(scratch.claims.len()).unwrap_or(u32::MAX);
            scratch.found.push(Lean {
                vulnerability: first.vulnerability,
                verdict: weighed.verdict,
                depends: weighed.depends,
                claims: (start, end),
            });
        }
        &scratch.found
    }
}

impl Held<'_> {
    /// A claim as it stands to the product; nothing if it is about another one in every version.
    fn candidate(&self, number: u32, hit: Hit) -> Option<Candidate> {
        let claim = self.catalogue.claims.get(number as usize)?;
        let recognised = if self.is_told_by_version(claim, hit) {
            None
        } else {
            Some(self.recognise(claim, hit, &mut Why::default())?)
        };
        let Claim { vulnerability, standing, .. } = *claim;
        Some(Candidate { vulnerability, standing, claim: number, hit, recognised })
    }

    fn say_candidate(&self, one: &Candidate) -> Option<Said> {
        let claim = self.catalogue.claims.get(one.claim as usize)?;
        let why = &mut Why::default();
        let recognised = match &one.recognised {
            Some(recognised) => recognised.clone(),
            None => self.recognise(claim, one.hit, why)?,
        };
        Some(self.say_of(one.claim, claim, recognised, why))
    }

    /// Asks the claims that left it open again, now in a bill; `told`: how what a claim wants
    /// around the component fits, where that is known.
    pub(super) fn settle<'f>(
        &self,
        claims: &[(u32, Hit)],
        told: impl Fn(u32) -> Option<&'f Fit>,
    ) -> Verdict {
        let mut said: Vec<Said> = Vec::with_capacity(claims.len());
        for &(number, hit) in claims {
            let Some(claim) = self.catalogue.claims.get(number as usize) else { continue };
            let held = Held { told: told(number), ..*self };
            said.extend(held.say(number, claim, hit, &mut Why::default()));
        }
        weigh(&mut said).map_or(Verdict::NotAffected, |weighed| weighed.verdict)
    }
}
