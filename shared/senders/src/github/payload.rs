//! The few fields that we read of GitHub's payloads ("Webhook events and payloads" in its REST documentation). Everything
//! else is skipped, and texts are borrowed from the body where they hold no escapes.

use serde::Deserialize;
use std::borrow::Cow;

/// An object of which only its numeric id matters.
#[derive(Deserialize, Clone, Copy)]
pub(super) struct Numbered {
    pub(super) id: u64,
}

#[derive(Deserialize)]
pub(super) struct Repository<'a> {
    pub(super) id: u64,
    #[serde(borrow)]
    pub(super) full_name: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(super) struct Account<'a> {
    pub(super) id: u64,
    #[serde(borrow)]
    pub(super) login: Cow<'a, str>,
}

/// What every event may have.
#[derive(Deserialize)]
pub(super) struct Envelope {
    pub(super) repository: Option<Numbered>,
    pub(super) installation: Option<Numbered>,
}

/// `pull_request`.
#[derive(Deserialize)]
pub(super) struct PullRequestEvent<'a> {
    #[serde(borrow)]
    pub(super) action: Cow<'a, str>,
    pub(super) number: u64,
    #[serde(borrow)]
    pub(super) pull_request: PullRequest<'a>,
    #[serde(borrow)]
    pub(super) repository: Repository<'a>,
    pub(super) installation: Option<Numbered>,
    #[serde(borrow)]
    pub(super) sender: Account<'a>,
}

#[derive(Deserialize)]
pub(super) struct PullRequest<'a> {
    #[serde(borrow)]
    pub(super) head: Head<'a>,
}

#[derive(Deserialize)]
pub(super) struct Head<'a> {
    #[serde(borrow)]
    pub(super) sha: Cow<'a, str>,
    /// None when the repository that the branch is in was deleted.
    pub(super) repo: Option<Numbered>,
}

/// `check_run` and `check_suite`, which differ in the name of the one field.
#[derive(Deserialize)]
pub(super) struct CheckEvent<'a> {
    #[serde(borrow)]
    pub(super) action: Cow<'a, str>,
    #[serde(rename = "check_run", alias = "check_suite", borrow)]
    pub(super) check: Check<'a>,
    #[serde(borrow)]
    pub(super) repository: Repository<'a>,
    pub(super) installation: Option<Numbered>,
    #[serde(borrow)]
    pub(super) sender: Account<'a>,
}

#[derive(Deserialize)]
pub(super) struct Check<'a> {
    #[serde(borrow)]
    pub(super) head_sha: Cow<'a, str>,
    /// What its App gave a check run to be known by.
    #[serde(borrow)]
    pub(super) external_id: Option<Cow<'a, str>>,
    pub(super) app: Option<Numbered>,
}

/// `push`.
#[derive(Deserialize)]
pub(super) struct PushEvent<'a> {
    #[serde(rename = "ref", borrow)]
    pub(super) reference: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) after: Cow<'a, str>,
    pub(super) deleted: bool,
    #[serde(borrow)]
    pub(super) repository: Repository<'a>,
    pub(super) installation: Option<Numbered>,
    #[serde(borrow)]
    pub(super) sender: Account<'a>,
}
