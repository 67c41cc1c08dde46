/**
 * Shapes that several parts of a ThunderFleet share: references to Secrets and ConfigMaps, brokers,
 * and how to talk to Kafka.
 */
import { and, equals, field, has, not, or, rule } from '../schema/rules.ts';
import { as, choice, list, object, type TextSchema, text } from '../schema/schema.ts';

/** Names of objects: a DNS subdomain. */
export const objectName: TextSchema = text({
  description: 'Its name, in the namespace of the fleet.',
  lengthMax: 253,
  pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
});

const dataKey = text({
  description: 'Which of its keys.',
  lengthMax: 253,
  pattern: '^[-._a-zA-Z0-9]+$',
});

function keyReference(kind: 'Secret' | 'ConfigMap', name: string, key: string, what: string) {
  return object(name, {
    description: what,
    optional: true,
    fields: {
      name: as(objectName, { description: `Name of the ${kind}, in the namespace of the fleet.` }),
      key: as(dataKey, { description: `Which key of the ${kind}.`, default: key }),
    },
  });
}

/** Certificates to trust. */
export const caReference = keyReference(
  'Secret',
  'CaReference',
  'ca.crt',
  'Secret with the certificates to trust, PEM.',
);

export const passwordReference = keyReference(
  'Secret',
  'PasswordReference',
  'password',
  'Secret with the password.',
);

export const tokenReference = keyReference(
  'Secret',
  'TokenReference',
  'token',
  'Secret with a bearer token.',
);

export const idsReference = keyReference(
  'ConfigMap',
  'IdsReference',
  'ids',
  'ConfigMap with ids, one a line.',
);

/** A certificate and its key, as cert-manager and `kubectl create secret tls` store them. */
export const certificateReference = object('CertificateReference', {
  description: 'Secret with a certificate and its key, PEM.',
  optional: true,
  fields: {
    name: as(objectName, { description: 'Name of the Secret, in the namespace of the fleet.' }),
    certificateKey: as(dataKey, {
      description: 'Which key holds the certificate, its intermediates after it.',
      default: 'tls.crt',
    }),
    privateKey: as(dataKey, {
      description: 'Which key holds the private key.',
      default: 'tls.key',
    }),
  },
});

export const topicName = text({
  description: 'Name of the topic.',
  lengthMax: 249,
  pattern: '^[a-zA-Z0-9._-]+$',
});

export const brokers = list(
  text({
    description: 'host:port; an IPv6 address in brackets.',
    lengthMax: 262,
    pattern: '^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?):[0-9]{1,5}$',
  }),
  {
    description: 'Brokers to begin with, host:port each; the others are found through them.',
    itemsMin: 1,
    itemsMax: 16,
  },
);

export const kafkaTls = object('KafkaTls', {
  description: 'Talk to Kafka over TLS; `{}` trusts the certificates of the image.',
  optional: true,
  fields: {
    ca: as(caReference, {
      description:
        'Certificates to trust; without it those of the image. Read at the start: a changed Secret rolls the pods.',
    }),
    clientCertificate: as(certificateReference, {
      description:
        'Certificate to show, for mutual TLS. Read at the start: a changed Secret rolls the pods.',
    }),
  },
});

export const kafkaSasl = object('KafkaSasl', {
  description: 'Log in to Kafka; with `tls` as SASL_SSL, without as SASL_PLAINTEXT.',
  optional: true,
  fields: {
    mechanism: choice(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'], {
      description: 'How. OAUTHBEARER takes the token from `password`.',
      default: 'PLAIN',
    }),
    username: text({
      description: 'User name; not with OAUTHBEARER.',
      lengthMax: 256,
      pattern: '^[^\\x00-\\x1f\\x7f]+$',
      optional: true,
    }),
    password: as(passwordReference, {
      description:
        'The password, or the token. Read at the start: a changed Secret rolls the pods.',
      optional: false,
    }),
  },
  rules: [
    rule(
      or(equals(field('mechanism'), 'OAUTHBEARER'), has('username')),
      'set username: every mechanism but OAUTHBEARER needs one',
      '.username',
    ),
    rule(
      not(and(equals(field('mechanism'), 'OAUTHBEARER'), has('username'))),
      'remove username: OAUTHBEARER takes only the token',
      '.username',
    ),
  ],
});
