//! How a command ended, for scripts.

/// The exit codes, as the help text says them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All done.
    Done = 0,
    /// It failed; nothing half-written was left.
    Failed = 1,
    /// Done, but part of the input was refused and said so.
    PartlyRefused = 3,
    /// Held back until a person looks.
    Held = 4,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> std::process::ExitCode {
        std::process::ExitCode::from(exit as u8)
    }
}
