//! The hosts of private registries.

use roadstead_steps::nouns::CallError;

/// How many digits an account's id has.
const ACCOUNT_DIGITS: usize = 12;

/// What a registry's host says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Host<'name> {
    /// The account, which is the registry's id.
    pub(super) account: &'name str,
    /// The region.
    pub(super) region: &'name str,
}

impl<'name> Host<'name> {
    /// Reads `<account>.dkr.ecr.<region>.amazonaws.com`.
    ///
    /// # Errors
    /// [`CallError::Refused`] for any other host.
    pub(super) fn parse(host: &'name str) -> Result<Self, CallError> {
        let parts = host.strip_suffix(".amazonaws.com").and_then(|host| host.split_once(".dkr.ecr."));
        let parts = parts.filter(|(account, region)| is_account(account) && is_region(region));
        let refused =
            || CallError::Refused { reason: format!("{host:?} is not the host of a registry in Amazon ECR") };
        parts.map(|(account, region)| Self { account, region }).ok_or_else(refused)
    }
}

fn is_account(text: &str) -> bool {
    text.len() == ACCOUNT_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_region(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_names_account_and_region() {
        let host = Host::parse("123456789012.dkr.ecr.eu-west-1.amazonaws.com").unwrap();
        assert_eq!(host, Host { account: "123456789012", region: "eu-west-1" });
    }

    #[test]
    fn other_hosts_are_refused() {
        for host in [
            "",
            "ghcr.io",
            "12345678901.dkr.ecr.eu-west-1.amazonaws.com",
            "1234567890123.dkr.ecr.eu-west-1.amazonaws.com",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.com",
            "123456789012.dkr.ecr.evil.example/x.amazonaws.com",
            "123456789012.dkr.ecr..amazonaws.com",
            "123456789012.dkr.ecr-fips.eu-west-1.amazonaws.com",
        ] {
            assert!(matches!(Host::parse(host), Err(CallError::Refused { .. })), "{host}");
        }
    }
}
