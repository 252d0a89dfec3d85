import type { NetworkPolicy } from '@agentswarm/core';
import { matchesPattern, parseAllowList } from './allow-list.ts';
import { isAddress, isLoopback, nameOf, parseDestination, type Destination } from './destination.ts';
import { isPrivateAddress, isPublicAddress } from './public-address.ts';
import { createRegistryFilter, upstreamProxyFor, type RegistrySettings } from './registry-settings.ts';

/** What the proxy of a sandbox lets through. */
export interface EgressPolicy {
  /** Completes "The network of this sandbox admits only …". */
  readonly admitted: string;
  readonly admits: (to: Destination) => boolean;
  /** Whether an admitted destination may turn out to be at this address. */
  readonly mayBeAt: (to: Destination, address: string) => boolean;
  /** Admitted hosts that are the host's loopback, not that of the command. */
  readonly onLoopback: readonly string[];
  /** The proxy of the host that leads there, when there is one. */
  readonly upstreamFor: (to: Destination) => string | undefined;
  /** Whether a name is looked up and checked here although a proxy of the host looks it up again. */
  readonly checksUpstream: boolean;
}

/**
 * The rules of a network policy; undefined for one that needs no proxy.
 *
 * @throws {SandboxError} SANDBOX_SPEC_INVALID when an entry of a list of hosts is malformed.
 */
export function planEgress(network: NetworkPolicy, settings: RegistrySettings): EgressPolicy | undefined {
  if (typeof network !== 'string') return allowListPolicy(network.allow, settings);
  return network === 'registries' ? registryPolicy(settings) : undefined;
}

/** Admits the registries of the settings: same host, same port, nothing like it. */
function registryPolicy(settings: RegistrySettings): EgressPolicy {
  return {
    admitted: 'package registries',
    admits: createRegistryFilter(settings),
    onLoopback: (settings.urls ?? []).flatMap((url) => parseDestination(url)?.host ?? []).filter(isLoopback),
    mayBeAt: (to, address) => isNamedOrPublic(to, address) || isRegistryAt(to, address),
    upstreamFor: (to) => upstreamProxyFor(settings, to),
    checksUpstream: false,
  };
}

/** Admits the hosts of a list, through the host's proxy where the settings name one. */
function allowListPolicy(entries: readonly string[], settings: RegistrySettings): EgressPolicy {
  const list = parseAllowList(entries);
  return {
    admitted: 'the hosts of a list',
    admits: (to) => list.some((pattern) => matchesPattern(pattern, to)),
    onLoopback: list.map(({ host }) => host).filter(isLoopback),
    mayBeAt: isNamedOrPublic,
    upstreamFor: (to) => upstreamProxyFor(settings, to),
    checksUpstream: true,
  };
}

/** What somebody named by its address may be reached there; a name leads to the open internet only. */
function isNamedOrPublic(to: Destination, address: string): boolean {
  return isAddress(to) ? address === to.host : isPublicAddress(address);
}

/** The host's user named the registries: they may be in the user's network, and on this machine when named so. */
function isRegistryAt(to: Destination, address: string): boolean {
  if (isAddress(to)) return false;
  return to.host === 'localhost' ? isLoopback(address) : isPrivateAddress(address);
}

/** What is said of a destination that the policy does not admit. */
export function refusalOf(policy: EgressPolicy, to: Destination | undefined): string {
  const named = to === undefined ? 'this address' : nameOf(to);
  return `The network of this sandbox admits ${policy.admitted} only, and ${named} is none.`;
}
