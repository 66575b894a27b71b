//! Commands that people type in chat, as the door takes note of them.

use super::{A_WHILE, world::World};
use roadstead_domain::{
    actor::Actor,
    command::Command,
    trigger::{Sighting, Trigger},
};
use roadstead_steps::{nouns::Time as _, rows};

/// Who may do everything with previews and staging.
pub const ADA: &str = "U0ADA";

/// The sample with people of a Slack workspace.
pub fn with_people(platform: String) -> String {
    platform.replace(
        "    rights:\n",
        "    rights:\n      - who: [{ slack_user: T0ACME/U0ADA }]\n        verbs: [create, deploy, destroy]\n        types: [preview, staging]\n      \
         - who: [{ slack_user: T0ACME/U0RAY }]\n        verbs: [deploy]\n        types: [staging]\n",
    )
}

impl World {
    /// Somebody types a command, which is accepted and closed; the trigger then.
    pub async fn typed(&self, who: &str, slash: &str, text: &str) -> Trigger {
        let key = format!("slack#{who}#{}", self.time.now());
        let trigger = Trigger {
            key: key.clone(),
            actor: Actor::SlackUser { team: "T0ACME".into(), id: who.into(), name: who.to_lowercase() },
            received_at: self.context.now(),
            sighting: Sighting::Command { command: Command::parse(slash, text).unwrap() },
            reply: None,
            outcomes: Default::default(),
            closed: None,
        };
        self.github_door.notebook.take_note(&trigger).await;
        self.pass(A_WHILE).await;
        let rows = self.state.rows();
        rows::read(rows.iter().find(|row| row.key == rows::trigger(&key)).unwrap()).unwrap()
    }
}
