//! What rows are about: the name that their partition begins with.

use crate::nouns::state::Key;
use std::fmt::Display;

/// What the rows of a partition are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An environment, and the records of its generations.
    Environment,
    /// What came in.
    Trigger,
    /// What is known of a commit.
    Commit,
    /// Who follows a branch.
    Branch,
    /// What a pipeline told of images.
    Image,
    /// What people are owed.
    Announcement,
    /// A hosted zone, and what is asked of it.
    Zone,
    /// How many environments there are.
    Quota,
    /// A repository, and whose source is in it.
    Repository,
    /// The webhooks of a host.
    Deliveries,
    /// A platform configuration.
    Platform,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 11] = [
        Kind::Environment,
        Kind::Trigger,
        Kind::Commit,
        Kind::Branch,
        Kind::Image,
        Kind::Announcement,
        Kind::Zone,
        Kind::Quota,
        Kind::Repository,
        Kind::Deliveries,
        Kind::Platform,
    ];

    /// What a row is about, and which one of its kind that is; none of a row that this version does not know.
    pub fn of(key: &Key) -> Option<(Kind, &str)> {
        let (name, which) = key.partition.split_once('#').unwrap_or((&key.partition, ""));
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name)?;
        Some((kind, which))
    }

    /// How partitions of this kind begin.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Environment => "environment",
            Kind::Trigger => "trigger",
            Kind::Commit => "commit",
            Kind::Branch => "branch",
            Kind::Image => "image",
            Kind::Announcement => "announcement",
            Kind::Zone => "zone",
            Kind::Quota => "quota",
            Kind::Repository => "repository",
            Kind::Deliveries => "deliveries",
            Kind::Platform => "platform",
        }
    }

    /// The partition of one of this kind.
    pub(super) fn partition(self, which: impl Display) -> String {
        format!("{}#{which}", self.name())
    }

    /// The row of one of this kind that stands for it.
    pub(super) fn row(self, which: impl Display) -> Key {
        Key::new(self.partition(which), self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows;

    #[test]
    fn a_row_tells_what_it_is_about() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of(&kind.row("zone#zone#1")), Some((kind, "zone#zone#1")));
        }
        assert_eq!(Kind::of(&rows::current_platform()), Some((Kind::Platform, "")));
        assert_eq!(Kind::of(&Key::new("zones#1", "zone")), None);
    }
}
