//! The whole program, run as a person runs it: each test with its own data folder.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a test stops at the first surprise, and says what it measured"
)]

mod backtest;
mod backup;
mod choose;
mod command;
mod decide;
mod ehr;
mod feeds;
mod identify;
mod journey;
mod kill;
mod matching;
mod policy;
mod replay;
mod scope;
mod serve;
mod snapshot;
mod trend;
mod vectors;
