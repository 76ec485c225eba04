// Access control and TLS.

import { bool, IMMUTABLE, optionalText, SENSITIVE, text, VOLATILE, word } from '../kind.ts';
import { INT_MAX, integer, LONG_MAX } from '../number_kinds.ts';

export const securityDirectives = {
  'acl-pubsub-default': word('resetchannels', ['allchannels', 'resetchannels']),
  aclfile: text('', IMMUTABLE),
  'acllog-max-len': integer(128, 0, LONG_MAX),
  'enable-debug-command': word('no', ['no', 'yes', 'local'], IMMUTABLE),
  'enable-module-command': word('no', ['no', 'yes', 'local'], IMMUTABLE),
  'enable-protected-configs': word('no', ['no', 'yes', 'local'], IMMUTABLE),
  'protected-mode': bool(true),
  requirepass: optionalText(SENSITIVE),
  'tls-auth-clients': word('yes', ['no', 'yes', 'optional']),
  'tls-auth-clients-user': word('off', ['CN', 'off']),
  'tls-auto-reload-interval': integer(0, 0, INT_MAX),
  'tls-ca-cert-dir': optionalText(VOLATILE),
  'tls-ca-cert-file': optionalText(VOLATILE),
  'tls-cert-file': optionalText(VOLATILE),
  'tls-ciphers': optionalText(),
  'tls-ciphersuites': optionalText(),
  'tls-client-cert-file': optionalText(VOLATILE),
  'tls-client-key-file': optionalText(VOLATILE),
  'tls-client-key-file-pass': optionalText(SENSITIVE),
  'tls-cluster': bool(false),
  'tls-dh-params-file': optionalText(VOLATILE),
  'tls-key-file': optionalText(VOLATILE),
  'tls-key-file-pass': optionalText(SENSITIVE),
  'tls-port': integer(0, 0, 65535),
  'tls-prefer-server-ciphers': bool(false),
  'tls-protocols': optionalText(),
  'tls-replication': bool(false),
  'tls-session-cache-size': integer(20480, 0, INT_MAX),
  'tls-session-cache-timeout': integer(300, 0, INT_MAX),
  'tls-session-caching': bool(true),
};
