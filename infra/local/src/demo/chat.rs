//! The journey of a team in chat: an environment is asked for, asked about and taken away, and every answer is the truth.

use super::{
    checks,
    journey::{Journey, Stage, since, tried},
    report::Report,
    words::{listed, quoted},
};
use crate::{problem::Problem, stack::worlds::CHANNEL};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    environment::{Environment, Phase},
    name::EnvironmentId,
};
use serde_json::Value;

/// Who types.
const WHO: &str = "ada";
/// How long Slack waits for the first answer.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(3);
/// How long the last answer may take once everything else is over.
const ANSWERED_WITHIN: SignedDuration = SignedDuration::from_secs(15);
/// How long until it is looked for again.
const PAUSE: SignedDuration = SignedDuration::from_millis(20);

impl Journey<'_> {
    /// Plays it from the first command to the last trace; what is not as it should be is noted in `differences`.
    ///
    /// # Errors
    /// When it cannot go on.
    pub async fn play_chat(&mut self, report: &Report) -> Result<(), Problem> {
        report.tell("prelude: grace pushes to main, CI builds both workloads, staging follows");
        let base = self.deploy_staging().await?;
        let id = tried()?;
        self.first = self.stack.environment(&id).await?.map_or(0, |now| now.wanted.generation) + 1;
        self.environment = Some(id.clone());
        let said_before = self.said_of(&id).len();

        let begun = Timestamp::now();
        let address = self.types(report, "/env create shop try branch main for 4h").await?;
        let ready = self.at_rest_as(&id, self.first, Phase::Ready).await?;
        let url = ready.url.clone().unwrap_or_default();
        checks::running(self.stack, &ready, &base, &mut self.differences).await?;
        checks::expect(&mut self.differences, !url.is_empty(), || "it has no address".to_owned());
        self.told(&address, "created", begun, &ready, &["ready", &url]).await?;
        self.url = ready.url.clone();

        let asked = Timestamp::now();
        let address = self.types(report, &format!("/env status {id}")).await?;
        self.told(&address, "asked about", asked, &ready, &["ready", &url, "left"]).await?;

        let destroyed = Timestamp::now();
        let address = self.types(report, &format!("/env destroy {id}")).await?;
        let gone = self.at_rest_as(&id, self.first + 1, Phase::Gone).await?;
        checks::nothing_left(self.stack, &gone, &mut self.differences).await?;
        self.told(&address, "destroyed", destroyed, &gone, &["gone"]).await?;
        self.said_once(&id, said_before);
        self.over(begun);
        Ok(())
    }

    /// Types a command; answers the address at which it is answered.
    async fn types(&mut self, report: &Report, line: &str) -> Result<String, Problem> {
        report.tell(&format!("{WHO} types `{line}` in Slack"));
        let begun = Timestamp::now();
        let answer = self.stack.people().type_command(WHO, CHANNEL.1, line).await?;
        let took = Timestamp::now().duration_since(begun);
        let shown: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let at_once = answer.status().is_success() && shown["text"].is_string() && took < AT_ONCE;
        checks::expect(&mut self.differences, at_once, || {
            format!(
                "`{line}` was answered {} after {took:#}: {}",
                answer.status(),
                quoted(&texts([&shown["text"]].into_iter()))
            )
        });
        let outbox = self.outbox();
        let last = outbox["replies"].as_array().and_then(|replies| replies.last());
        let address = last.and_then(|reply| reply["response_url"].as_str());
        address.map(str::to_owned).ok_or_else(|| Problem::unexpected("Slack knows of no command"))
    }

    async fn at_rest_as(
        &mut self,
        id: &EnvironmentId,
        generation: u64,
        phase: Phase,
    ) -> Result<Environment, Problem> {
        let there = |now: &Environment| now.carrying == generation && now.is_at_rest() && now.phase == phase;
        self.wait(id, there).await
    }

    /// Waits until Slack shows one answer to a command, with these parts, and notes what can be seen then.
    async fn told(
        &mut self,
        address: &str,
        what: &'static str,
        begun: Timestamp,
        environment: &Environment,
        parts: &[&str],
    ) -> Result<(), Problem> {
        let until = Timestamp::now() + ANSWERED_WITHIN;
        let all = |text: &str| parts.iter().all(|part| text.contains(part));
        let mut answers = self.answers(address);
        while !(answers.len() == 1 && all(&answers[0])) && Timestamp::now() < until {
            self.stack.pause(PAUSE).await;
            answers = self.answers(address);
        }
        let milliseconds = since(begun);
        checks::expect(
            &mut self.differences,
            answers.len() == 1 && answers.iter().all(|text| all(text)),
            || format!("{what}: Slack does not show one answer with {}: {}", listed(parts), quoted(&answers)),
        );
        let objects = checks::objects(self.stack, environment).await?;
        let comment = answers.last().map(|text| format!("in Slack\n{text}"));
        self.stages.push(Stage { what, milliseconds, comment, objects });
        Ok(())
    }

    /// The channel has one message more than before, which says that the environment is gone.
    fn said_once(&mut self, id: &EnvironmentId, before: usize) {
        let said = self.said_of(id);
        let once = said.len() == before + 1 && said.last().is_some_and(|text| text.contains("gone"));
        checks::expect(&mut self.differences, once, || {
            format!(
                "the channel does not say once that {id} is gone: {}",
                quoted(&said[before.min(said.len())..])
            )
        });
    }

    /// What Slack shows of a command.
    fn answers(&self, address: &str) -> Vec<String> {
        let outbox = self.outbox();
        let replies = outbox["replies"].as_array().into_iter().flatten();
        let mut ours = replies.filter(|reply| reply["response_url"] == address);
        texts(ours.next().and_then(|reply| reply["answers"].as_array()).into_iter().flatten())
    }

    /// What the channel says of an environment, in each of its incarnations.
    fn said_of(&self, id: &EnvironmentId) -> Vec<String> {
        let outbox = self.outbox();
        let messages = outbox["messages"].as_array().into_iter().flatten();
        let said = texts(messages.map(|message| &message["text"]));
        said.into_iter().filter(|text| text.starts_with(&format!("`{id}`"))).collect()
    }

    fn outbox(&self) -> Value {
        self.stack.worlds.chat.read(roadstead_worlds::slack::Slack::outbox)
    }
}

fn texts<'a>(values: impl Iterator<Item = &'a Value>) -> Vec<String> {
    values.filter_map(|value| value.as_str().map(str::to_owned)).collect()
}
