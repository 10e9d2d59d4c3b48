/**
 * Branded identifiers. A plain string becomes one only through its parser (protocol/wire/scalars.ts), so a function that
 * takes an `Ik` cannot be handed a device id by mistake. The brands exist in the type checker only.
 */
declare const brand: unique symbol
type Id<Name extends string> = string & { readonly [brand]: Name }

/** base64url without padding, canonical [W4]. */
export type B64 = string
/** Unix time in milliseconds. */
export type Ms = number

/** Account key: Ed25519 public key, 32 bytes as B64. */
export type Ik = Id<'ik'>
/** Device key: Ed25519 public key, 32 bytes as B64. */
export type Dk = Id<'dk'>
/** Device id: 16 random bytes as B64. */
export type DevId = Id<'dev'>
/** Id of a two-person conversation: 16 bytes as B64 [W11]. */
export type ConvId = Id<'c'>
/** Id of one attempt to set up a link: 16 random bytes as B64. */
export type Sid = Id<'sid'>
/** Id of an X25519 key an envelope is sealed to: 8 bytes as B64. */
export type KeyId = Id<'key'>
/** Id of an ACL rule at the server: 8 random bytes as B64. */
export type RuleId = Id<'rule'>
/** RFC 9562 UUID version 7, lower case, 36 characters [W8]. */
export type Uuid7 = Id<'uuid7'>
/** `^[a-z0-9][a-z0-9._-]{1,30}[a-z0-9]$` [I3]. */
export type Handle = Id<'handle'>
/** Name of a server [S2]. */
export type ServerName = Id<'server'>
/** `handle@server`. */
export type Address = Id<'address'>
