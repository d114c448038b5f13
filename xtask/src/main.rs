//! The project's own chores: `cargo xtask test|bench|soak|tidy`.

fn main() {}
