//! `[upstream]` as written to its settings.

use serde_json::Value;
use url::Url;

use crate::mapping::call::{Fixed, Limits, TlsSettings, UpstreamSettings, url_fault};
use crate::mapping::compile::call::line;
use crate::mapping::compile::call::place::{self, Context};
use crate::mapping::compile::call::{form, row, session, sign, xml};
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{LimitsDocument, Text, TlsDocument, UpstreamDocument};
use crate::mapping::hole::{Part, Template};
use crate::mapping::name::{Site, SiteText};
use crate::mapping::scope::Name;

/// Compiles `[upstream]`.
pub fn compile_upstream(upstream: &UpstreamDocument, found: &mut Diagnostics) -> Option<UpstreamSettings> {
    let site = Site { purpose: None, follows: false, paged: false, each: false, text: SiteText::Request };
    if upstream.url.is_none() {
        let finding = found.add(Code::E20, upstream.span.clone(), "`url` is missing");
        finding.help("write `url = \"https://api.example.com/v1\"`");
    }
    let url =
        upstream.url.as_ref().and_then(|text| url(text, upstream.insecure, &mut Context { view: None, site, found }));
    let mut context = Context { view: None, site, found };
    let headers = line::headers(&upstream.headers, &mut context);
    let query = line::parameters(&upstream.query, &mut context);
    let basic = upstream.basic.as_ref().map(|(user, password)| {
        let (user, password) = (place::template(user, &mut context), place::template(password, &mut context));
        user.zip(password)
    });
    let sign = upstream.sign.as_ref().map(|document| sign::compile(document, &mut context));
    let (tls, proxy) =
        (tls(&upstream.tls, &mut context), upstream.proxy.as_ref().map(|text| fixed(text, &mut context)));
    context.site.text = SiteText::Row;
    let errors: Vec<_> = upstream.errors.iter().filter_map(|document| row::compile(document, &mut context)).collect();
    let session = upstream.session.as_ref();
    let session = session.map(|document| session::compile((document, upstream), query, errors, context.found));
    form::check(&upstream.form, found);
    xml::check_lists(&upstream.xml_lists, found);
    let retry_after = upstream.retry_after.as_ref().map(|document| form::retry_after(document, found));
    Some(UpstreamSettings {
        url: url?,
        headers,
        basic: written(basic)?,
        sign: written(sign)?,
        session: written(session)?,
        retry_after: written(retry_after)?,
        etag: upstream.etag,
        tls: tls?,
        proxy: written(proxy)?,
        insecure: upstream.insecure,
        unset: upstream.unset.as_ref().map_or(Value::Null, |unset| unset.value.clone()),
        limits: limits(&upstream.limits),
    })
}

/// What was written, compiled, or that nothing was; `None` where what was written is faulty.
#[expect(clippy::option_option, reason = "the outer one is that of every compiler here")]
fn written<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    match part {
        Some(compiled) => compiled.map(Some),
        None => Some(None),
    }
}

/// `tls`.
fn tls(tls: &TlsDocument, context: &mut Context<'_>) -> Option<TlsSettings> {
    let ca = tls.ca.as_ref().map(|text| fixed(text, context));
    let identity = tls.identity.as_ref().map(|(cert, key)| {
        let (cert, key) = (fixed(cert, context), fixed(key, context));
        cert.zip(key)
    });
    Some(TlsSettings { ca: written(ca)?, identity: written(identity)? })
}

/// A text that is filled once, at the start: only the tenant and the secrets are there.
fn fixed(text: &Text, context: &mut Context<'_>) -> Option<Fixed> {
    let template = place::needed(text, context)?;
    let strange = template.holes().find(|hole| !matches!(hole.name, Name::Tenant(_) | Name::Secret(_)));
    let Some(hole) = strange else {
        return Some(Fixed { template, span: text.span.clone() });
    };
    let (span, name) = (text.within(&hole.range), hole.name.text());
    let finding = context.found.add(Code::E17, span, format!("`{name}` does not exist here"));
    finding.note("only `tenant` and `secret` stand in `tls` and `proxy`");
    None
}

fn url(text: &Text, insecure: bool, context: &mut Context<'_>) -> Option<Template> {
    let template = place::template(text, context)?;
    let authority = text.value.find("://").map_or(0, |at| at + 3);
    let path = text.value[authority..].find('/').map_or(text.value.len(), |at| authority + at);
    for hole in template.holes() {
        let span = text.within(&hole.range);
        if hole.range.start < path {
            let finding = context.found.add(Code::E22, span, "a hole cannot stand in the host of a URL");
            finding.help("give the tenant a `url` of its own in config.toml");
            return None;
        }
        if matches!(hole.name, Name::Secret(_)) {
            line::warn_of_secret(span, context.found);
        } else if !matches!(hole.name, Name::Tenant(_)) {
            let finding = context.found.add(Code::E17, span, format!("`{}` does not exist here", hole.name.text()));
            finding.note("only `tenant` and `secret` stand in the path of `url`");
            return None;
        }
    }
    // What fills the holes of the path cannot change the rest of the URL.
    let sample: String = template
        .parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => text.as_str(),
            Part::Hole(_) => "x",
        })
        .collect();
    let fault = Url::parse(&sample)
        .map_or(Some(("the URL is not valid", "write a whole URL: `https://api.example.com/v1`")), |url| {
            url_fault(&url, insecure)
        });
    if let Some((message, help)) = fault {
        context.found.add(Code::E22, text.span.clone(), message).help(help);
        return None;
    }
    Some(template)
}

/// The limits with defaults filled in.
fn limits(written: &LimitsDocument) -> Limits {
    let default = Limits::default();
    let whole = |number: Option<u64>, default: usize| {
        number.map_or(default, |number| usize::try_from(number).unwrap_or(usize::MAX))
    };
    Limits {
        rate: written.rate,
        concurrent: whole(written.concurrent, default.concurrent),
        timeout: written.timeout.unwrap_or(default.timeout),
        deadline: written.deadline.unwrap_or(default.deadline),
        retries: whole(written.retries, default.retries),
        backoff: written.backoff.unwrap_or(default.backoff),
        scan: whole(written.scan, default.scan),
        max_body: whole(written.max_body, default.max_body),
        settle: written.settle.clone().unwrap_or(default.settle),
    }
}
