// Makes an account, or changes name, email and role of one.
import { NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { personChange, personCreate, personEndpoints, roles } from '@flowhook/contract/person/person';
import { sessionEndpoints } from '@flowhook/contract/person/session';
import { call } from '../../../api/call.ts';
import { useChange } from '../../../api/query.ts';
import { noteSignedIn, usePerson } from '../../../api/session-store.ts';
import { ContractForm } from '../../../parts/form/contract-form.tsx';
import { FormDialog } from '../../../parts/form/form-dialog.tsx';
import { notifyDone } from '../../../parts/page/notice.ts';
import { useContractForm } from '../../../parts/form/use-contract-form.ts';
import { partText } from '../../../text/part.ts';
import { personText } from '../../../text/person.ts';
import { shellText } from '../../../text/shell.ts';
import type { ListedPerson } from './listed-person.ts';

interface PersonDialogProps {
  /** Who is changed; a new person without it. */
  readonly person?: ListedPerson;
  /** True for the last administrator, who stays one. */
  readonly isLast?: boolean;
  onClose(): void;
}

const roleChoices = roles.map((value) => ({ value, label: shellText.roles[value] }));

export default function PersonDialog({ person, isLast = false, onClose }: PersonDialogProps) {
  const me = usePerson();
  const isNew = person === undefined;
  const refreshes = ['/v4/auditLog'];
  const create = useChange(personEndpoints.create, { refreshes });
  const change = useChange(personEndpoints.change, { refreshes });
  const form = useContractForm({
    schema: isNew ? personCreate : personChange,
    initialValues: {
      name: person?.name ?? '',
      email: person?.email ?? '',
      role: person?.role ?? 'author',
      password: '',
    },
    toBody: ({ password, ...rest }) => ({ ...rest, ...(isNew && password !== '' && { password }) }),
    submit: async (body, { name }) => {
      if (isNew) await create.mutateAsync({ body: body as never });
      else await change.mutateAsync({ params: { id: person.id }, body });
      // The interface shows what one's own role may do.
      if (person?.id === me.id) noteSignedIn(await call(sessionEndpoints.get, {}));
      notifyDone(isNew ? personText.made(name) : personText.changed);
      onClose();
    },
  });
  const { getInputProps } = form.fields;
  const losesSettings = person?.id === me.id && form.fields.getValues().role !== 'administrator';
  return (
    <FormDialog
      form={form}
      onClose={onClose}
      title={isNew ? personText.createTitle : personText.changeTitle(person.name)}
    >
      <ContractForm form={form} submitLabel={isNew ? personText.make : partText.save} onCancel={onClose}>
        <TextInput label={personText.name} data-autofocus autoComplete="off" {...getInputProps('name')} />
        <TextInput label={personText.email} type="email" autoComplete="off" {...getInputProps('email')} />
        <NativeSelect
          label={personText.role}
          data={roleChoices}
          disabled={isLast}
          description={
            isLast ? personText.lastAdministratorWhy : losesSettings ? personText.ownRole : undefined
          }
          {...getInputProps('role')}
        />
        {isNew && (
          <PasswordInput
            label={personText.password}
            description={personText.passwordHint}
            autoComplete="new-password"
            {...getInputProps('password')}
          />
        )}
      </ContractForm>
    </FormDialog>
  );
}
