// A person as their list has them, and what can be done with one there.
import type { z } from 'zod';
import type { person } from '@flowhook/contract/person/person';

export type ListedPerson = z.output<typeof person>;
export type PersonAction = 'change' | 'reset' | 'remove';
export type Do = (what: PersonAction, person: ListedPerson) => void;
