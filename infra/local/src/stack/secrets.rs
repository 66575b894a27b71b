//! What this stack verifies with: made at its first start, and kept where only its owner can read it.

use super::store::Kept;
use crate::problem::Problem;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// How many random bytes a secret is made of.
const SECRET_BYTES: usize = 24;

/// The secrets of one stack. They cannot be printed.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// What GitHub signs webhooks with.
    pub github: String,
    /// What Slack signs commands with.
    #[serde(default = "random")]
    pub slack: String,
    /// What our bot presents in Slack.
    #[serde(default = "random")]
    pub slack_bot: String,
    /// What a CI system presents at the images door.
    pub images: String,
    /// What a platform engineer presents at the configurations door.
    #[serde(default = "random")]
    pub configurations: String,
    /// What the person at this machine presents at the desk.
    #[serde(default = "random")]
    pub desk: String,
    /// The token of Roadstead's own user in the sandbox cluster.
    pub cluster_roadstead: String,
    /// The token of the person who runs the stack.
    pub cluster_admin: String,
}

impl Secrets {
    /// The secrets of a data directory; new ones if it has none.
    ///
    /// # Errors
    /// When they cannot be read, made or kept.
    pub fn of(data_dir: &Path) -> Result<Self, Problem> {
        let kept = Kept::open(data_dir.join("secrets.json"), || Ok(Self::new()))?;
        kept.save()?;
        Ok(kept.read(Clone::clone))
    }

    fn new() -> Self {
        Self {
            github: random(),
            slack: random(),
            slack_bot: random(),
            images: random(),
            configurations: random(),
            desk: random(),
            cluster_roadstead: random(),
            cluster_admin: random(),
        }
    }
}

/// A text that nobody can guess. A machine that has no randomness cannot make one; the process ends.
pub fn random() -> String {
    let mut bytes = [0; SECRET_BYTES];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        tracing::error!("this machine gives no random numbers");
        std::process::abort();
    }
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_stay_the_same_in_one_folder_and_differ_between_two() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = Secrets::of(one.path()).unwrap();
        assert_eq!(Secrets::of(one.path()).unwrap().github, first.github);
        assert_ne!(Secrets::of(two.path()).unwrap().github, first.github);
        assert_ne!(first.github, first.images);
    }
}
