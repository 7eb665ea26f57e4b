// Data on its way through the product, case by case: right, or refused with what is wrong, never silently something else.
import { describeCases } from '../../test/data-case-suite.ts';

await describeCases('Data', ['promise.json', 'output.json']);
