// Files of every kind on their way through the product, case by case: found right, or refused with what is wrong.
import { describeCases } from '../../../test/data-case-suite.ts';

await describeCases('What a file holds', ['look.json', 'json.json', 'message.json']);
