//! How the environments of a repository differ from what it shows: all that lost webhooks and events should have told.

use super::{
    AcceptTrigger, branch,
    concern::{self, Concern},
    passed_over::PassedOver,
    told::Told,
};
use roadstead_domain::{
    actor::Actor,
    environment::{Environment, Phase},
    intent::{Intent, Source},
    name::EnvironmentId,
    platform::Platform,
    repository::{PullRequest, Repository},
    step::Direction,
};
use std::collections::{BTreeMap, BTreeSet};

/// A repository and the environments that follow it.
pub(super) struct Place<'a> {
    pub(super) platform: &'a Platform,
    pub(super) repository: &'a Repository,
    pub(super) members: &'a BTreeMap<EnvironmentId, Environment>,
}

/// Who is told, and who is behind it.
pub(super) type Telling = (Concern, Actor);

/// Open pull requests that are not as their previews are, and previews that are in no open one: those are told to look at
/// their source, which must positively say closed.
pub(super) fn of_pull_requests(place: &Place<'_>, open: &[PullRequest]) -> Vec<Telling> {
    let mut told = vec![];
    for pull_request in open.iter().filter(|pull_request| !pull_request.is_from_fork(place.repository)) {
        for mut concern in
            concern::of_pull_request(place.platform, place.repository, pull_request.number, None)
        {
            let known = place.members.get(&concern.environment);
            let unwanted = place.platform.wants_no_draft(&concern.environment.application, pull_request);
            if known.map_or(!unwanted, |known| differs(known, pull_request, unwanted)) {
                let author = Actor::GithubUser { id: pull_request.author, login: None };
                concern.follows.iter_mut().for_each(|follows| follows.seen = Some(pull_request.clone()));
                told.push((concern, author));
            }
        }
    }
    for environment in
        place.members.values().filter(|member| member.phase != Phase::Gone && !is_going(member))
    {
        let Source::PullRequest { number } = environment.source else { continue };
        if !open.iter().any(|pull_request| pull_request.number == number) {
            told.push((again(environment), Actor::Roadstead));
        }
    }
    told
}

/// Whether a preview is not as its open pull request is. One whose lifetime ended stays gone until there is a newer commit, and
/// a head that was refused is no difference.
fn differs(known: &Environment, pull_request: &PullRequest, unwanted_draft: bool) -> bool {
    let head = &pull_request.head;
    let same_head = known.commit.as_ref() == Some(head) || known.wanted.holds(head);
    let follows = matches!(known.wanted.intent, Intent::Follow { .. });
    if known.phase == Phase::Gone {
        !unwanted_draft && (follows || !same_head)
    } else {
        !same_head || unwanted_draft
    }
}

/// Whether the newest generation is taking it down already: there is nothing more to tell it.
pub(super) fn is_going(environment: &Environment) -> bool {
    let undoes = environment.stage.is_some_and(|stage| stage.direction == Direction::Undo);
    undoes && !environment.is_behind()
}

pub(super) fn again(environment: &Environment) -> Concern {
    let told = Ok(Told::Wanted(environment.wanted.intent.again()));
    Concern { environment: environment.id.clone(), told, follows: None }
}

/// The branches that environments of the repository follow.
fn branches<'a>(place: &Place<'a>) -> BTreeSet<&'a str> {
    let applications = place.platform.applications_of(place.repository);
    let standing = applications.flat_map(|(_, application)| application.environments.values());
    let standing = standing.filter_map(|following| following.source.branch());
    standing.chain(wished_for(place).map(|(_, branch)| branch)).collect()
}

/// The environments that somebody let follow a branch, and which: the configuration does not name them.
fn wished_for<'a>(place: &Place<'a>) -> impl Iterator<Item = (&'a EnvironmentId, &'a str)> {
    let platform = place.platform;
    let there = place.members.iter().filter(|(_, member)| member.phase != Phase::Gone);
    there
        .filter(move |(id, member)| !branch::is_standing(platform, id) && !platform.leaves_out(member))
        .filter_map(|(id, member)| Some((id, member.source.branch()?)))
}

impl AcceptTrigger {
    /// Standing environments that are missing, and all whose branch has moved. Each branch is read once.
    pub(super) async fn of_branches(&self, place: &Place<'_>, over: &mut PassedOver) -> Vec<Telling> {
        let mut told = vec![];
        for branch in branches(place) {
            let head = match self.host.branch(place.repository, branch).await {
                Ok(Some(head)) => head,
                Ok(None) => continue,
                Err(error) => {
                    over.pass(&branch, error.into());
                    continue;
                }
            };
            let standing = concern::of_push(place.platform, place.repository, branch, Some(&head));
            let others = wished_for(place).filter(|(_, follows)| *follows == branch);
            let others = others.map(|(id, _)| branch::concern(id.clone(), Some(&head)));
            let moved = standing.into_iter().chain(others).filter(|concern| {
                let known = place.members.get(&concern.environment);
                known.is_none_or(|known| known.is_at_rest() && known.commit.as_ref() != Some(&head))
            });
            told.extend(moved.map(|concern| (concern, Actor::Roadstead)));
        }
        told
    }
}
