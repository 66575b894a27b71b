//! A configuration that was pushed is put in force, and the repositories that it speaks of become due, spread out.

use super::reconfigure::readable;
use crate::{
    carry::PATIENCE,
    configuration::{InForce, in_force, listen, look_at, point_at, repositories},
    context::{Context, Handled},
};
use jiff::SignedDuration;
use roadstead_domain::{
    message::Message,
    platform::Platform,
    refusal::Refusal,
    repository::Repository,
    sentence,
    trigger::{Closed, HowClosed, Trigger},
};
use sha2::{Digest as _, Sha256};

/// How often the pointer may change under our hands before the message is delivered again.
const TRIES: u32 = 10;
/// For each repository the looks are spread over so much more time.
const SPREAD_PER_REPOSITORY: SignedDuration = SignedDuration::from_secs(1);
/// The longest that the looks are spread over: until then every repository is looked at by itself.
const SPREAD_LIMIT: SignedDuration = SignedDuration::from_mins(10);

/// Puts a configuration in force, unless one that was pushed later is; answers what came of it.
///
/// # Errors
/// When something could not be read or written: then it is done again, and what was done is found.
pub(super) async fn put_in_force(
    context: &Context,
    trigger: &Trigger,
    hash: &str,
    platform: &Platform,
) -> Result<Closed, Refusal> {
    let state = context.state.as_ref();
    for _ in 0..TRIES {
        let older = in_force(state).await?;
        if older.as_ref().is_some_and(|older| older.trigger == trigger.key) {
            return spread(context, hash, platform, None).await;
        }
        if let Some(closed) = older.as_ref().and_then(|older| why_not(trigger, hash, platform, older)) {
            return Ok(closed);
        }
        let known = older.as_ref().filter(|older| older.hash == hash);
        let newer = InForce {
            hash: hash.to_owned(),
            installation: platform.installation.clone(),
            since: known.map_or(context.now(), |known| known.since),
            received_at: trigger.received_at,
            trigger: trigger.key.clone(),
        };
        match point_at(state, &newer, older.as_ref()).await? {
            true if known.is_some() => {
                // Whoever put it in force before may have died before the repositories were told.
                spread(context, hash, platform, None).await?;
                return Ok(HowClosed::Nothing.because(sentence::configuration_known(hash)));
            }
            true => return spread(context, hash, platform, older.as_ref()).await,
            false => {}
        }
    }
    Err(Refusal::unavailable("the configuration in force kept changing"))
}

/// Why a configuration does not take the place of the one in force.
fn why_not(trigger: &Trigger, hash: &str, newer: &Platform, older: &InForce) -> Option<Closed> {
    if newer.installation != older.installation {
        let text = sentence::installation_changed(&older.installation, &newer.installation);
        return Some(HowClosed::Refused.because(text));
    }
    let overtaken = older.received_at > trigger.received_at;
    overtaken.then(|| HowClosed::Nothing.because(sentence::configuration_overtaken(hash, &older.hash)))
}

/// Lets every repository be looked at, each at a moment of its own.
async fn spread(
    context: &Context,
    hash: &str,
    platform: &Platform,
    older: Option<&InForce>,
) -> Result<Closed, Refusal> {
    let repositories = repositories(platform);
    let window = window(repositories.len());
    for repository in &repositories {
        look_after(context, repository, jitter(&repository.key(), window)).await?;
    }
    listen(context.state.as_ref(), platform, context.now()).await?;
    let before = match older {
        Some(older) => readable(context, &older.hash).await?,
        None => None,
    };
    let applications = before.iter().flat_map(|before| before.applications.keys());
    let left_out: Vec<_> = applications.filter(|name| !platform.applications.contains_key(*name)).collect();
    Ok(HowClosed::Done.because(sentence::configuration_in_force(hash, repositories.len(), &left_out)))
}

/// How long the looks at so many repositories are spread over.
fn window(repositories: usize) -> SignedDuration {
    let count = i32::try_from(repositories).unwrap_or(i32::MAX);
    SPREAD_PER_REPOSITORY.checked_mul(count).unwrap_or(SPREAD_LIMIT).min(SPREAD_LIMIT)
}

async fn look_after(context: &Context, repository: &Repository, delay: SignedDuration) -> Handled {
    look_at(context.state.as_ref(), repository, context.now() + delay + PATIENCE).await?;
    context.send(&Message::Repository { key: repository.key() }, delay).await;
    Ok(())
}

/// A moment within a window, which a key always has.
fn jitter(key: &str, window: SignedDuration) -> SignedDuration {
    let digest = Sha256::digest(key);
    let number = digest.iter().take(4).fold(0_i128, |number, byte| number << 8 | i128::from(*byte));
    let milliseconds = window.as_millis() * number / i128::from(u32::MAX);
    SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_looks_at_however_many_repositories_are_over_after_ten_minutes() {
        assert_eq!(window(599), SPREAD_LIMIT - SPREAD_PER_REPOSITORY);
        for count in [600, 601, usize::MAX] {
            assert_eq!(window(count), SPREAD_LIMIT, "{count}");
        }
        assert!((0..1_000).all(|number| jitter(&number.to_string(), SPREAD_LIMIT) <= SPREAD_LIMIT));
    }

    #[test]
    fn a_thousand_repositories_are_spread_evenly_and_each_keeps_its_moment() {
        let window = SignedDuration::from_mins(10);
        let mut minutes = [0; 11];
        for number in 0..1_000 {
            let moment = jitter(&format!("github#{number}"), window);
            assert_eq!(moment, jitter(&format!("github#{number}"), window));
            minutes[usize::try_from(moment.as_secs() / 60).unwrap()] += 1;
        }
        assert!(minutes[..10].iter().all(|count| (60..=140).contains(count)), "{minutes:?}");
        assert_eq!(jitter("github#1", SignedDuration::ZERO), SignedDuration::ZERO);
    }
}
