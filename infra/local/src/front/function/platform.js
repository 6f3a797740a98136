// What CloudFront's runtime 2.0 gives a function beyond the language itself: the modules
// `cloudfront` and `crypto`, `Buffer` and `console`. Only what is documented is there, and of that
// only what our function may use; whatever else is asked of them throws, so that a function that
// works here asks nothing that CloudFront lacks.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-custom-methods.html
(() => {
    const native = globalThis.native;
    delete globalThis.native;
    // Restricted there.
    delete globalThis.eval;
    delete globalThis.Function;

    const strict = (name, target) => new Proxy(target, {
        get(object, property) {
            // `then` is asked of everything that is awaited; symbols are the language's own.
            if (property in object || property === 'then' || typeof property === 'symbol') {
                return object[property];
            }
            throw new TypeError(`${name}.${property} is not offered`);
        },
        set(object, property) { throw new TypeError(`${name}.${property} cannot be set`); },
    });

    const encodings = ['utf8', 'hex', 'base64', 'base64url'];
    const checked = (encoding) => {
        if (!encodings.includes(encoding)) {
            throw new TypeError(`encoding ${encoding} is not offered`);
        }
        return encoding;
    };

    class PlatformBuffer extends Uint8Array {
        static from(value, encoding) {
            const bytes = typeof value === 'string'
                ? native.decode(value, checked(encoding || 'utf8'))
                : Array.from(value);
            const buffer = new PlatformBuffer(bytes.length);
            buffer.set(bytes);
            return buffer;
        }

        static isBuffer(value) { return value instanceof PlatformBuffer; }

        static byteLength(value, encoding) { return PlatformBuffer.from(value, encoding).length; }

        toString(encoding) { return native.encode(Array.from(this), checked(encoding || 'utf8')); }

        equals(other) { return this.toString('hex') === PlatformBuffer.from(other).toString('hex'); }
    }

    const bytes = (value, encoding) => PlatformBuffer.from(value, encoding);

    const crypto = strict('crypto', {
        createHmac(algorithm, key) {
            if (algorithm !== 'sha256') {
                throw new TypeError(`algorithm ${algorithm} is not offered`);
            }
            const given = [];
            let isOver = false;
            const hmac = strict('hmac', {
                update(data, encoding) {
                    if (isOver) {
                        throw new Error('digest was called already');
                    }
                    given.push(...bytes(data, encoding));
                    return hmac;
                },
                digest(encoding) {
                    isOver = true;
                    const digest = bytes(native.hmac(Array.from(bytes(key)), given));
                    return encoding === undefined ? digest : digest.toString(encoding);
                },
            });
            return hmac;
        },
    });

    const key = (name) => {
        if (typeof name !== 'string') {
            throw new TypeError('a key is a text');
        }
        return name;
    };
    const store = strict('kvs', {
        async get(name, options) {
            const format = options === undefined ? 'string' : options.format || 'string';
            const value = native.value(key(name));
            if (value === undefined) {
                throw new Error(`KeyNotFound: ${name}`);
            }
            switch (format) {
            case 'string': return value;
            case 'json': return JSON.parse(value);
            case 'bytes': return bytes(value);
            default: throw new TypeError(`format ${format} is not offered`);
            }
        },
        async exists(name) { return native.value(key(name)) !== undefined; },
        async count() { return native.count(); },
        async meta() {
            const now = new Date(0).toISOString();
            return { creationDateTime: now, lastUpdatedDateTime: now, keyCount: native.count() };
        },
    });

    const cf = strict('cf', {
        kvs(id) {
            if (id !== undefined) {
                throw new TypeError('the one store of the function is asked for without an id');
            }
            return store;
        },
    });

    globalThis.Buffer = strict('Buffer', PlatformBuffer);
    globalThis.console = strict('console', { log: (...texts) => native.log(texts.join(' ')) });
    globalThis.platformModules = { cf, crypto };
})();
