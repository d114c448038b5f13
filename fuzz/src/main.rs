//! LLVM's fuzzer on one target; `./x soak` builds and starts it.
//!
//! The target is named by the variable `EXPOSOME_FUZZ_TARGET`.  Without one the names are printed.

#![no_main]

use exposome_fuzz::Target;
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

static CHOSEN: OnceLock<Target> = OnceLock::new();

fuzz_target!(
    init: choose(),
    |bytes: &[u8]| {
        if let Some(target) = CHOSEN.get() {
            target.run(bytes);
        }
    }
);

#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "the fuzzer owns the command line, so the target comes by the environment; names go to ./x soak"
)]
fn choose() {
    let name = std::env::var("EXPOSOME_FUZZ_TARGET").unwrap_or_default();
    match exposome_fuzz::targets().find(|target| target.name() == name) {
        Some(target) => CHOSEN.get_or_init(|| target),
        None => {
            exposome_fuzz::targets().for_each(|target| println!("{}", target.name()));
            std::process::exit(2);
        }
    };
}
