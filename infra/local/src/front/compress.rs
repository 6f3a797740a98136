//! Answers in gzip and brotli, as CloudFront compresses them.
//!
//! See <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html>.

use async_compression::Level;
use async_compression::tokio::write::{BrotliEncoder, GzipEncoder};
use axum::http::{HeaderMap, HeaderValue, header};
use bytes::Bytes;
use tokio::io::AsyncWriteExt;

use crate::template::CacheRule;

/// Which encodings a viewer takes, of those that the cache policy allows.
///
/// It is part of the cache key, as `Accept-Encoding` is in its normal form at CloudFront.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Accepted {
    gzip: bool,
    brotli: bool,
}

impl Accepted {
    /// What `headers` and `rule` allow together.
    pub(super) fn of(headers: &HeaderMap, rule: &CacheRule) -> Self {
        Self {
            gzip: rule.gzip && takes(headers, "gzip"),
            brotli: rule.brotli && takes(headers, "br"),
        }
    }

    /// `Accept-Encoding` in its normal form.
    pub(super) fn header(self) -> Option<&'static str> {
        match (self.brotli, self.gzip) {
            (true, true) => Some("br,gzip"),
            (true, false) => Some("br"),
            (false, true) => Some("gzip"),
            (false, false) => None,
        }
    }

    /// `body` in the best encoding, with its name; nothing where it stays as it is.
    pub(super) async fn encode(
        self,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Option<(Bytes, &'static str)> {
        let fits = BODY_BYTES.contains(&body.len()) && is_compressible(headers);
        if !fits || headers.contains_key(header::CONTENT_ENCODING) {
            return None;
        }
        let (encoded, name) = if self.brotli {
            let mut encoder =
                BrotliEncoder::with_quality(Vec::new(), Level::Precise(BROTLI_QUALITY));
            encoder.write_all(body).await.ok()?;
            encoder.shutdown().await.ok()?;
            (encoder.into_inner(), "br")
        } else if self.gzip {
            let mut encoder = GzipEncoder::new(Vec::new());
            encoder.write_all(body).await.ok()?;
            encoder.shutdown().await.ok()?;
            (encoder.into_inner(), "gzip")
        } else {
            return None;
        };
        Some((Bytes::from(encoded), name))
    }
}

/// Says in `headers` that the body is encoded, and that its tag no longer stands for these bytes.
pub(super) fn mark(headers: &mut HeaderMap, encoding: &'static str) {
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.remove(header::CONTENT_LENGTH);
    let strong = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let strong = strong.filter(|tag| !tag.starts_with("W/"));
    if let Some(weak) = strong.and_then(|tag| HeaderValue::from_str(&format!("W/{tag}")).ok()) {
        headers.insert(header::ETAG, weak);
    }
}

fn takes(headers: &HeaderMap, wanted: &str) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter();
    let texts: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
    texts.iter().flat_map(|text| text.split(',')).any(|part| {
        let mut fields = part.split(';').map(str::trim);
        let is_named = fields.next().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
        let quality = fields.find_map(|field| field.strip_prefix("q="));
        is_named && quality.is_none_or(|text| text.parse::<f32>().is_ok_and(|q| q > 0.0))
    })
}

fn is_compressible(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    COMPRESSIBLE.contains(&kind)
}

/// Of CloudFront's list, those that we serve.
const COMPRESSIBLE: &[&str] = &[
    "application/json",
    "application/javascript",
    "application/wasm",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/javascript",
    "text/plain",
];

/// CloudFront leaves what is smaller or larger as it is.
const BODY_BYTES: std::ops::RangeInclusive<usize> = 1_000..=10_000_000;

/// Quick and nearly as small as the best.
const BROTLI_QUALITY: i32 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_s_list_of_encodings_is_brought_to_its_normal_form() {
        let rule = CacheRule { gzip: true, brotli: true, ..CacheRule::nothing() };
        for (sent, normal) in [
            ("gzip, deflate, br, zstd", Some("br,gzip")),
            ("br;q=0.5, GZIP;q=0", Some("br")),
            ("gzip", Some("gzip")),
            ("identity, deflate", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(sent));
            assert_eq!(Accepted::of(&headers, &rule).header(), normal, "{sent}");
        }
    }
}
