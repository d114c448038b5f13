//! The whole program, run as a person runs it: each test with its own data folder.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a test stops at the first surprise, and says what it measured"
)]

mod backtest;
mod backup;
mod choose;
#[allow(dead_code, reason = "the server asks more in its own tests")]
#[path = "../../../exposome-server/tests/it/client.rs"]
mod client;
mod command;
mod cut_off;
mod decide;
mod ehr;
mod feeds;
mod identify;
mod journey;
mod kill;
mod matching;
mod policy;
mod random;
mod replay;
mod same_number;
mod scope;
mod serve;
mod serving;
mod snapshot;
mod trend;
mod vectors;
