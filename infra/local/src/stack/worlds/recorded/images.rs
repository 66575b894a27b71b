//! Images that a recorded event speaks of: CI of this machine builds and pushes one in its place.

use super::{MadeTrue, short};
use crate::{
    problem::Problem,
    stack::worlds::{people::People, seed},
};
use jiff::Timestamp;
use roadstead_worlds::ecr::Image;
use serde_json::json;

impl People<'_> {
    /// An image, built from the commit that stands here for the recorded one.
    pub(super) fn have_image(&self, mut made: MadeTrue) -> Result<MadeTrue, Problem> {
        let recorded = made.payload["commit"].as_str().unwrap_or_default();
        let commit = self.worlds.code.read(|code| code.stand_ins.get(recorded).cloned());
        let image = made.payload["image"].as_str().and_then(|image| image.split_once('/'));
        let (Some(commit), Some((_, repository))) = (commit, image) else {
            made.told.push(
                "the GitHub of this machine knows nothing of its commit: it is sent as recorded".to_owned(),
            );
            return Ok(made);
        };
        let moment = Timestamp::now();
        let image = Image { content: format!("{repository} {moment}"), ..Image::of_revision(&commit) };
        let tag = format!("run-{}", moment.as_millisecond());
        let digest = self.push_image(repository, &tag, &image)?.digest;
        made.told.push(format!("CI builds {repository} from {}", short(&commit)));
        made.payload["digest"] = json!(digest);
        made.payload["commit"] = json!(commit);
        Ok(made)
    }

    /// An image under a tag that tells its commit, as CI of this machine tags: of the pull request that the recorded tag names,
    /// if that is open here, else of `main`. What is no push of a tag stays as it was recorded.
    pub(super) fn have_pushed(&self, mut made: MadeTrue) -> Result<MadeTrue, Problem> {
        let detail = made.payload["detail"].clone();
        let text = |field: &str| detail[field].as_str().unwrap_or_default();
        let (repository, recorded) = (text("repository-name"), text("image-tag"));
        let is_push = text("result") == "SUCCESS"
            && ["PUSH", "REPLICATE"].contains(&text("action-type"))
            && !recorded.is_empty();
        let is_here = seed::image_repositories()?.iter().any(|image| image.path == repository);
        let Some((commit, tag)) = self.tagged_as(recorded).filter(|_| is_push && is_here) else {
            return Ok(made);
        };
        let image =
            Image { content: format!("{repository} {}", Timestamp::now()), ..Image::of_revision(&commit) };
        let digest = self.push_image(repository, &tag, &image)?.digest;
        made.told.push(format!(
            "CI builds {repository} from {}, and pushes it as {tag}, in the place of {recorded}",
            short(&commit)
        ));
        made.payload["detail"]["image-digest"] = json!(digest);
        made.payload["detail"]["image-tag"] = json!(tag);
        Ok(made)
    }

    /// The commit that stands here for a recorded tag, and the tag that says so.
    fn tagged_as(&self, recorded: &str) -> Option<(String, String)> {
        let number = recorded.strip_prefix("pr-").and_then(|number| number.parse::<u64>().ok());
        self.worlds.code.read(|code| {
            let pull_request = number.and_then(|number| code.github.pull_request(code.repository, number));
            if let Some(open) = pull_request.filter(|pull_request| pull_request.open) {
                let commit = open.merge_commit.as_ref().unwrap_or(&open.head_sha).clone();
                let tag = format!("pr-{}-{commit}", open.number);
                return Some((commit, tag));
            }
            let head = code.github.commit_id(code.repository, "heads/main")?;
            let tag = format!("sha-{head}");
            Some((head, tag))
        })
    }
}
