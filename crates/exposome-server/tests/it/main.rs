//! The server over real sockets: each test has a store, a port and a clock of its own.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod bad_input;
mod client;
mod description;
mod imports;
mod jobs;
mod live;
mod notices;
mod oidc;
mod passkey;
mod permissions;
mod server;
mod sign_in;
mod tls;
mod tokens;
