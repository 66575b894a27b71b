//! What went wrong, and what to do next.

/// Why a command could not be carried out. Every problem names the next action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}\n  next: {next}")]
pub struct Problem {
    /// What went wrong.
    pub what: String,
    /// What to do about it.
    pub next: String,
}

impl Problem {
    /// Says what went wrong and what to do.
    pub fn new(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { what: what.into(), next: next.into() }
    }

    /// Something that should not happen in a stack of one machine.
    pub fn unexpected(what: impl Into<String>) -> Self {
        Self::new(what, "run it again with `--log debug`, and in another `--data-dir` if it stays")
    }
}
