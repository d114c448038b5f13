//! The whole program, run as a person runs it: each test with its own data folder.

mod command;
mod journey;
mod kill;
mod matching;
mod vectors;
