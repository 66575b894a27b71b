//! What people read beside a commit.

/// The state of a check run at the host: what it waits for, or how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckState {
    /// It waits.
    Queued,
    /// It is being carried out.
    InProgress,
    /// It succeeded.
    Success,
    /// It did not.
    Failure,
    /// It neither succeeded nor failed: what it speaks of is no more.
    Neutral,
    /// Something newer took its place.
    Cancelled,
}

impl CheckState {
    /// The state's name in GitHub's REST API: a status, or a conclusion.
    pub fn name(self) -> &'static str {
        match self {
            CheckState::Queued => "queued",
            CheckState::InProgress => "in_progress",
            CheckState::Success => "success",
            CheckState::Failure => "failure",
            CheckState::Neutral => "neutral",
            CheckState::Cancelled => "cancelled",
        }
    }

    /// Whether nothing follows by itself.
    pub fn is_conclusion(self) -> bool {
        !matches!(self, CheckState::Queued | CheckState::InProgress)
    }
}

/// What a check run is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name, the same for every generation of an environment.
    pub name: String,
    /// Its state.
    pub state: CheckState,
    /// One line.
    pub title: String,
    /// Markdown, at most 65,535 characters.
    pub summary: String,
    /// Where the environment can be reached.
    pub url: Option<String>,
}
