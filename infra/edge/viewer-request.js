// What CloudFront does with each viewer's request before it looks into its cache.
//
// The tenant never comes from the viewer. Whatever a viewer says of it is deleted, in any spelling;
// on the feed it is set anew from a token whose signature was checked here:
//   x-avileo-business  the claim `biz`; it is part of the feed's cache key, so one business's pages
//                      are never found by another
//   x-avileo-token     the token; forwarded, not keyed. The origin checks it once more.
//                      (`Authorization` would be keyed, and then no two phones would share a page.)
//   x-avileo-address   the viewer's address, on every API call, for limits on attempts
// A page that others wait for, or that is cached already, is thus only ever given to a viewer who
// has passed this function himself.
//
// Also: `/api` is taken off (the origin has no such prefix), and a path of the app itself, such as
// /clientes/7, gets the page that knows it.
//
// Runtime cloudfront-js-2.0: at most 10 KB and a millisecond or so. Keys are read by `kid` from the
// KeyValueStore of this function: key `kid`, value base64 of 32 or more random bytes, the same text
// as in the secret that the origin reads. Codes and messages equal functions/protocol/src/error.rs.
// Written without what older engines lack (classes, destructuring, for-of): njs runs the tests too.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html

import cf from 'cloudfront';
import crypto from 'crypto';

const kvs = cf.kvs();

const API = '/api/';
const FEED = '/sync/changes';
const TOKEN_LENGTH_MAX = 4096;

// The oldest app that is still understood, as 2.11.0; empty: any. Feed pages may come from the
// cache, past the functions, so it is asked for here too. Equals `CLIENT_MINIMUM` of the functions in
// template.yaml: a test compares them.
const CLIENT_MINIMUM = '';

// What only the edge may say: a header's name without case and punctuation, since some servers
// read `_` as `-`.
const OURS = ['xavileobusiness', 'xavileotoken', 'xavileoaddress', 'xavileoorigin'];

const READERS = ['ADMIN_NEGOCIO', 'VENDEDOR'];
const LEAVING = 'SALIENTE';

const PROBLEMS = {
    missing_token: [401, 'Unauthorized', 'Falta iniciar sesión.'],
    invalid_token: [401, 'Unauthorized', 'La sesión no es válida: vuelve a ingresar.'],
    token_expired: [401, 'Unauthorized', 'La sesión venció.'],
    forbidden: [403, 'Forbidden', 'No tienes permiso para hacer esto.'],
    client_too_old: [426, 'Upgrade Required', 'Actualiza la aplicación para continuar.'],
    unavailable: [
        503, 'Service Unavailable', 'El servicio no está disponible: se intentará de nuevo.',
    ],
};

async function handler(event) {
    const request = event.request;
    forget(request.headers);
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    if (!request.uri.startsWith(API)) {
        if (isReading && isPage(request.uri)) {
            request.uri = '/index.html';
        }
        return request;
    }
    request.uri = request.uri.slice(API.length - 1);
    request.headers['x-avileo-address'] = { value: event.viewer.ip };
    if (request.uri !== FEED || !isReading) {
        return request;
    }
    if (isTooOld(request.headers['x-avileo-client'])) {
        return refusal('client_too_old');
    }
    try {
        const token = bearer(request.headers.authorization);
        const claims = await verified(token);
        request.headers['x-avileo-business'] = { value: claims.biz };
        request.headers['x-avileo-token'] = { value: token };
        return request;
    } catch (error) {
        // An error of ours carries its code. Any other is the platform's, and no word on the token.
        return refusal(PROBLEMS[error.message] ? error.message : 'unavailable');
    }
}

// Deletes what the viewer says of things that are ours to say.
function forget(headers) {
    Object.keys(headers).forEach((name) => {
        if (OURS.indexOf(name.toLowerCase().replace(/[^a-z0-9]/g, '')) >= 0) {
            delete headers[name];
        }
    });
}

// As functions/gateway/src/client.rs: who does not say passes, what is no version does not.
function isTooOld(header) {
    if (!CLIENT_MINIMUM || !header) {
        return false;
    }
    const present = version(header.value);
    if (!present) {
        return true;
    }
    const minimum = version(CLIENT_MINIMUM);
    for (let at = 0; at < 3; at++) {
        if (present[at] !== minimum[at]) {
            return present[at] < minimum[at];
        }
    }
    return false;
}

// Up to three numbers, missing ones zero; or null.
function version(text) {
    const parts = text.split('.');
    const isNumber = (part) => part !== '' && !/[^0-9]/.test(part) && Number(part) < 4294967296;
    if (parts.length > 3 || !parts.every(isNumber)) {
        return null;
    }
    return [0, 1, 2].map((at) => Number(parts[at] || 0));
}

// A path of the app: its last part does not end in a file's extension.
function isPage(uri) {
    return !/\.[A-Za-z][A-Za-z0-9]*$/.test(uri.slice(uri.lastIndexOf('/') + 1));
}

function bearer(header) {
    if (!header) {
        throw new Error('missing_token');
    }
    const isTwice = header.multiValue && header.multiValue.length > 1;
    const found = /^bearer +([A-Za-z0-9_.-]+) *$/i.exec(header.value);
    if (isTwice || !found || found[1].length > TOKEN_LENGTH_MAX) {
        throw new Error('invalid_token');
    }
    return found[1];
}

// The claims of a token that we signed, that is not over, and whose bearer may read the feed.
async function verified(token) {
    const parts = token.split('.');
    const header = parts.length === 3 ? json(parts[0]) : null;
    if (!header || header.alg !== 'HS256') {
        throw new Error('invalid_token');
    }
    const key = await keyOf(header.kid);
    const signer = crypto.createHmac('sha256', key);
    const signature = signer.update(parts[0] + '.' + parts[1]).digest('base64url');
    if (!isSame(signature, parts[2])) {
        throw new Error('invalid_token');
    }
    const claims = json(parts[1]);
    if (!claims || !Number.isInteger(claims.exp) || !isId(claims.biz) || !isId(claims.sub)) {
        throw new Error('invalid_token');
    }
    if (!(claims.exp > Date.now() / 1000)) {
        throw new Error('token_expired');
    }
    if (claims.role === LEAVING) {
        throw new Error('forbidden');
    }
    if (READERS.indexOf(claims.role) < 0) {
        throw new Error('invalid_token');
    }
    return claims;
}

// A key that is not there fails to be read; so does every key while the store has trouble. Only the
// first is the token's fault.
async function keyOf(kid) {
    if (typeof kid !== 'string' || !/^[A-Za-z0-9._-]{1,64}$/.test(kid)) {
        throw new Error('invalid_token');
    }
    let text;
    try {
        text = await kvs.get(kid, { format: 'string' });
    } catch (error) {
        throw (await kvs.exists(kid)) ? error : new Error('invalid_token');
    }
    return Buffer.from(text, 'base64');
}

// An object in base64url, or null.
function json(text) {
    try {
        const value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
        return value && typeof value === 'object' ? value : null;
    } catch (error) {
        return null;
    }
}

// As the origin reads ids, so that both take the same tokens. (No `$` in an expression here: in this
// family of engines it is true before a last line break too.)
function isId(value) {
    return typeof value === 'string' && value.length > 0 && value.length <= 128
        && !/[^!-~]/.test(value);
}

// Takes as long for a wrong text as for the right one.
function isSame(expected, given) {
    if (expected.length !== given.length) {
        return false;
    }
    let difference = 0;
    for (let at = 0; at < expected.length; at++) {
        difference |= expected.charCodeAt(at) ^ given.charCodeAt(at);
    }
    return difference === 0;
}

function refusal(code) {
    const problem = PROBLEMS[code];
    const body = { success: false, error: { code: code, message: problem[2] } };
    return {
        statusCode: problem[0],
        statusDescription: problem[1],
        headers: {
            'content-type': { value: 'application/json' },
            'cache-control': { value: 'no-store' },
            'x-content-type-options': { value: 'nosniff' },
        },
        body: { encoding: 'text', data: JSON.stringify(body) },
    };
}
