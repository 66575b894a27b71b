//! An App proves itself by a JSON web token of its own and is given a token of one installation for an hour.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Method, Request};
use jiff::{SignedDuration, Timestamp};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::reply::{Outcome, Refusal, Reply};
use super::routes::bearer;
use super::{GitHub, deliveries};

/// How far ahead an App's own token may expire.
pub const JWT_LIFETIME_LIMIT: SignedDuration = SignedDuration::from_mins(10);
/// How long a token of an installation is good.
pub const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// How far the App's clock may be ahead.
const CLOCK_SKEW_SECONDS: i64 = 60;

/// A token that was given out, kept by its hash alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Token {
    installation: u64,
    expires_at: Timestamp,
}

/// What is asked for as the App itself: tokens, and what became of webhooks.
pub(super) fn answer(world: &mut GitHub, request: &Request<Vec<u8>>, now: Timestamp) -> Outcome {
    let undecodable = || Refusal::new(401, "A JSON web token could not be decoded");
    let claims = verified(&world.app.public_key, bearer(request.headers()).unwrap_or_default());
    check_claims(world, &claims.ok_or_else(undecodable)?, now)?;
    let path: Vec<&str> = request.uri().path().split('/').skip(1).collect();
    match (request.method(), path.as_slice()) {
        (&Method::POST, ["app", "installations", id, "access_tokens"]) => {
            create(world, id.parse().unwrap_or_default(), now)
        }
        (_, ["app", "hook", "deliveries", rest @ ..]) => deliveries::answer(world, request, rest, now),
        _ => Err(Refusal::not_found()),
    }
}

fn create(world: &mut GitHub, id: u64, now: Timestamp) -> Outcome {
    let permissions = world.installations.get(&id).ok_or_else(Refusal::not_found)?.permissions.clone();
    let expires_at = now.saturating_add(TOKEN_LIFETIME).unwrap_or(now);
    let token = new_token(world, id, expires_at);
    world.tokens.retain(|_, token| token.expires_at > now);
    world.tokens.insert(hash(&token), Token { installation: id, expires_at });
    Ok(Reply::created(&json!({
        "token": token,
        "expires_at": format!("{expires_at:.0}"),
        "permissions": permissions,
        "repository_selection": "selected",
    })))
}

/// The claims of a token that the key has signed (RFC 7515, RS256).
fn verified(public_key: &[u8], token: &str) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    if decoded(header)?["alg"] != "RS256" {
        return None;
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public_key);
    key.verify(signed.as_bytes(), &signature).ok()?;
    decoded(claims)
}

fn decoded(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn check_claims(world: &GitHub, claims: &Value, now: Timestamp) -> Result<(), Refusal> {
    let now = now.as_second();
    let refused = |message: &str| Err(Refusal::new(401, message));
    let issuer = claims["iss"].as_str().map_or_else(|| claims["iss"].to_string(), str::to_owned);
    if issuer != world.app.id.to_string() && issuer != world.app.client_id {
        return Err(Refusal::new(404, "Integration not found"));
    }
    match claims["exp"].as_i64() {
        Some(expiry) if expiry > now + JWT_LIFETIME_LIMIT.as_secs() => {
            return refused("'Expiration time' claim ('exp') is too far in the future");
        }
        Some(expiry) if expiry > now => {}
        _ => {
            return refused(
                "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
            );
        }
    }
    match claims["iat"].as_i64() {
        Some(issued) if issued <= now + CLOCK_SKEW_SECONDS => Ok(()),
        _ => refused(
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
        ),
    }
}

/// The format of 2026: `ghs_`, the App's id, and what looks like a web token, about 520 characters in all.
fn new_token(world: &mut GitHub, installation: u64, expires_at: Timestamp) -> String {
    let number = world.next_id();
    let header = json!({ "alg": "RS256", "typ": "JWT" });
    let claims = json!({ "sub": installation, "exp": expires_at.as_second(), "jti": number });
    let signature: Vec<u8> =
        (0..8).flat_map(|block| Sha256::digest(format!("{installation} {number} {block}"))).collect();
    let parts = [header.to_string().into_bytes(), claims.to_string().into_bytes(), signature];
    let parts = parts.map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("ghs_{}_{}", world.app.id, parts.join("."))
}

/// The installation whose good token this is.
pub(super) fn installation_of(world: &GitHub, token: &str, now: Timestamp) -> Option<u64> {
    let token = world.tokens.get(&hash(token)).filter(|token| now < token.expires_at)?;
    world.installations.contains_key(&token.installation).then_some(token.installation)
}

fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}
