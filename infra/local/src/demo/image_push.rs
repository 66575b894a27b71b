//! The journey of an image: pushed, rolled out in every cluster; broken, returned from and not tried again; good again.

use super::{
    checks,
    journey::{Journey, Running, Stage, WORKLOADS, built, image, since, staging},
    report::Report,
};
use crate::problem::Problem;
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    deployment::EndResult,
    environment::{Environment, Phase},
    message::Message,
};
use roadstead_steps::rows;

/// How long until the end of a trigger is looked for again.
const PAUSE: SignedDuration = SignedDuration::from_millis(20);

impl Journey<'_> {
    /// Plays it from the first push to the last; what is not as it should be is noted in `differences`.
    ///
    /// # Errors
    /// When it cannot go on.
    pub async fn play_image_push(&mut self, report: &Report) -> Result<(), Problem> {
        let id = staging()?;
        self.first = self.stack.environment(&id).await?.map_or(0, |now| now.wanted.generation) + 1;
        self.environment = Some(id);
        let begun = Timestamp::now();
        report.tell("grace pushes to main; CI pushes the images; staging rolls them out in every cluster");
        let good = self.deploy_staging().await?;
        self.seen("rolled out", begun, &good).await?;
        if !self.stack.worlds.clusters.is_empty() {
            self.break_and_return(report, &good).await?;
        }
        report.tell("grace mends it, and pushes; CI pushes good images");
        let mended = Timestamp::now();
        let better = self.deploy_staging().await?;
        self.seen("rolled out again", mended, &better).await?;
        self.url = self.staging_url.take();
        self.over(begun);
        Ok(())
    }

    /// What does not run is returned from, and not tried again: not for the same image pushed once more, and not when the
    /// repository is looked at.
    async fn break_and_return(&mut self, report: &Report, good: &Running) -> Result<(), Problem> {
        report.tell("grace pushes a mistake; CI pushes a web that ends as soon as it begins");
        let pushed = Timestamp::now();
        let (commit, bad) = self.push_broken().await?;
        let returned = |now: &Environment| {
            let tried =
                now.tried.iter().any(|tried| tried.images.values().any(|image| image.as_str() == bad));
            tried && now.phase == Phase::Ready && now.is_at_rest()
        };
        let before = self.wait_for_staging(returned).await?;
        self.seen("returned from", pushed, good).await?;
        report.tell("CI pushes the same image once more, and the repository is looked at");
        self.push_once_more(&commit).await?;
        let after = self.wait_for_staging(|now| now.is_at_rest()).await?;
        self.seen("not tried again", pushed, good).await?;
        let tries = self.tries_of(&bad, after.carrying).await?;
        checks::expect(&mut self.differences, tries == 1, || {
            format!("the broken image was tried {tries} times")
        });
        let begun = after.carrying - before.carrying;
        checks::expect(&mut self.differences, begun == 0, || {
            format!("{begun} generations for the same image")
        });
        Ok(())
    }

    /// Answers the commit of the mistake, and the digest of the image that does not keep running.
    async fn push_broken(&self) -> Result<(String, String), Problem> {
        let people = self.stack.people();
        let note = format!("a mistake {}\n", Timestamp::now());
        let commit = people.push("main", "grace", "DEPLOYED", &note).await?;
        let [web, worker] = WORKLOADS;
        let bad = people.build_broken(&image(web), &commit).await?;
        built(worker, &people.build(&image(worker), &commit).await?)?;
        Ok((commit, bad))
    }

    /// The registry tells of the same image again, and everything that a lost event would have told is looked for.
    async fn push_once_more(&self, commit: &str) -> Result<(), Problem> {
        let [web, _] = WORKLOADS;
        for event in self.stack.people().push_again(&image(web), commit).await? {
            self.closed(&rows::trigger(&format!("ecr#{event}"))).await?;
        }
        let Some(now) = self.stack.environment(&staging()?).await? else { return Ok(()) };
        let mut handled = self.stack.handled();
        let look = Message::Repository { key: now.repository.key() };
        self.stack.context.send(&look, SignedDuration::ZERO).await;
        while !matches!(handled.recv().await, Ok(Message::Repository { .. })) {}
        Ok(())
    }

    /// Waits until a trigger has come to its end.
    async fn closed(&self, key: &roadstead_steps::nouns::state::Key) -> Result<(), Problem> {
        while !self.stack.is_closed(key).await? {
            self.stack.pause(PAUSE).await;
        }
        Ok(())
    }

    async fn wait_for_staging(
        &mut self,
        there: impl Fn(&Environment) -> bool,
    ) -> Result<Environment, Problem> {
        let id = staging()?;
        self.wait(&id, there).await
    }

    /// In how many generations an image was carried out and failed.
    async fn tries_of(&self, digest: &str, newest: u64) -> Result<usize, Problem> {
        let mut tries = 0;
        for generation in self.first..=newest {
            let Some(record) = self.stack.deployment(&staging()?, generation).await? else { continue };
            let failed = record.ended.is_some_and(|ended| matches!(ended.result, EndResult::Failed { .. }));
            let ran = serde_json::to_string(&record.bound).is_ok_and(|bound| bound.contains(digest));
            tries += usize::from(failed && ran);
        }
        Ok(tries)
    }

    /// Notes what can be seen of staging: what really runs, in each of its clusters.
    async fn seen(
        &mut self,
        what: &'static str,
        begun: Timestamp,
        expected: &Running,
    ) -> Result<(), Problem> {
        let milliseconds = since(begun);
        let environment = self.wait_for_staging(|now| now.is_at_rest()).await?;
        checks::running(self.stack, &environment, expected, &mut self.differences).await?;
        checks::everywhere(self.stack, &environment, &mut self.differences).await?;
        let objects = checks::objects(self.stack, &environment).await?;
        self.stages.push(Stage { what, milliseconds, comment: None, objects });
        Ok(())
    }
}
