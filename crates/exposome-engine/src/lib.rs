//! Facts in, assessment out: who is there, what is wrong with it, what comes first.
//!
//! Pure: the same facts, rules and moment give the same assessment, byte for byte.

pub mod category;
pub mod decide;
pub mod expose;
